import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { Clock, Logger } from '@tranquility-js/core';
import { silentLogger } from '@tranquility-js/core';
import { DeadLetterFile } from './dead-letter-file.js';
import { loadServerConfig } from './server-config.js';
import { RouteState } from './route-state.js';
import { routes } from './routes.js';
import { Senders } from './senders.js';

export interface TranquilityPluginOptions {
  /** The path of a config file, or an object of the same form. */
  readonly config: string | object;
  /** Properties that win over those of the config, by name. */
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** Whether a request may post to a dataSource. Default: every request to each. */
  readonly mayPost?: (request: FastifyRequest, dataSource: string) => boolean;
  /** Who asks, for an Idempotency-Key: those of different clients are different. Default: all are one. */
  readonly clientOf?: (request: FastifyRequest) => string;
}

/**
 * Tranquility's routes for an app of your own: `app.register(tranquility, { config: 'server.json', prefix: '/druid' })`. Listening, TLS and
 * who may do what are the app's; properties of the config about these do not count. Closing the app sends what there is.
 * @throws (when the app gets ready) TRQ_CONFIG_UNREADABLE, TRQ_CONFIG_SYNTAX, TRQ_CONFIG_INVALID.
 */
export const tranquility: FastifyPluginAsync<TranquilityPluginOptions> = async (app, options) => {
  const { logger = silentLogger, clock, mayPost, clientOf } = options;
  const config = await loadServerConfig(options.config, options.properties);
  for (const warning of config.warnings) logger.warn(warning);
  const senders = await Senders.open(config, { logger, ...(clock === undefined ? {} : { clock }) });
  const close = (now: AbortSignal): Promise<unknown> => senders.close(config.program['http.stopTimeout'].millis, now);
  let deadLetters: DeadLetterFile | undefined;
  try {
    deadLetters = await DeadLetterFile.open(config.program['http.deadLetterPath'], senders, logger);
  } catch (error) {
    // An app that does not get ready is mostly not closed either.
    await close(AbortSignal.abort());
    throw error;
  }
  const state = new RouteState(senders, config.program);
  state.keepDrops(deadLetters);
  app.addHook('onClose', async () => {
    await close(new AbortController().signal);
    await deadLetters?.[Symbol.asyncDispose]();
  });
  await app.register(routes, {
    senders,
    limits: config.program,
    state,
    deadLetters,
    logger,
    ...(mayPost === undefined ? {} : { mayPost }),
    ...(clientOf === undefined ? {} : { clientOf }),
  });
};

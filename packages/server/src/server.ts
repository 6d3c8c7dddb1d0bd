import { METHODS } from 'node:http';
import { messageOf, silentLogger, TranquilityError, type Clock, type Logger } from '@tranquility-js/core';
import { systemClock, timerMillis } from '@tranquility-js/core/internal';
import type { StopReport } from '@tranquility-js/operations';
import type { FastifyInstance } from 'fastify';
import { Authentication } from './auth/authentication.js';
import { ClientFile } from './auth/clients.js';
import { certificateOf } from './auth/certificate.js';
import { clientNameOf, guard, requestMayPost } from './auth/guard.js';
import { refuseOtherNames, refuseOtherSites } from './auth/other-sites.js';
import { DeadLetterFile } from './dead-letter-file.js';
import { httpApp, httpsApp } from './listen/app.js';
import { checkAccess } from './listen/check-access.js';
import { Connections } from './listen/connections.js';
import { isLoopback } from './listen/loopback.js';
import { Problem } from './post/problem.js';
import { refuse } from './refuse.js';
import { RouteState } from './route-state.js';
import { routes } from './routes.js';
import { Senders } from './senders.js';
import { leaveUnread } from './unread.js';
import { loadServerConfig, type ServerConfig } from './server-config.js';

export interface ServerOptions {
  /** The path of a config file, or an object of the same form. */
  readonly config: string | object;
  /** Properties that win over those of the config, by name. */
  readonly properties?: Readonly<Record<string, unknown>>;
  /** Default: silent. */
  readonly logger?: Logger;
  readonly clock?: Clock;
}

/** A server that takes events by HTTP for every dataSource of its config. */
export interface Server extends AsyncDisposable {
  /** Where it listens: `http://127.0.0.1:8200`. */
  readonly urls: readonly string[];
  /**
   * Reads the config again. A dataSource that has changed goes on with the new one; properties of the server itself count from its next start.
   * @returns the dataSources that are new, have changed, or are gone.
   * @throws what `createServer` throws for a config that is wrong; then all is as it was.
   */
  reload(): Promise<readonly string[]>;
  /**
   * Takes nothing more, answers what is under way, and sends what there is, within `http.stopTimeout` each.
   * @param now aborts when it is not to wait.
   */
  stop(now?: AbortSignal): Promise<StopReport>;
}

/**
 * Starts a server.
 * @throws TRQ_CONFIG_UNREADABLE, TRQ_CONFIG_SYNTAX, TRQ_CONFIG_INVALID; TRQ_LISTEN_FAILED for an address that it cannot listen on.
 */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { logger = silentLogger, clock = systemClock } = options;
  const config = await loadServerConfig(options.config, options.properties);
  for (const warning of config.warnings) logger.warn(warning);
  checkAccess(config.program);
  const senders = await Senders.open(config, { logger, clock });
  const server = new RunningServer(options, config, senders, logger);
  try {
    await server.keepDeadLetters();
    await server.listen(clock.now());
  } catch (error) {
    await server.stop(AbortSignal.abort());
    throw error;
  }
  return server;
}

class RunningServer implements Server {
  readonly #options: ServerOptions;
  readonly #config: ServerConfig;
  readonly #senders: Senders;
  readonly #logger: Logger;
  readonly #state: RouteState;
  #deadLetters: DeadLetterFile | undefined;
  #connections: readonly Connections[] = [];
  #urls: readonly string[] = [];
  #isStopping = false;
  #stopped: Promise<StopReport> | undefined;

  constructor(options: ServerOptions, config: ServerConfig, senders: Senders, logger: Logger) {
    this.#options = options;
    this.#config = config;
    this.#senders = senders;
    this.#logger = logger;
    this.#state = new RouteState(senders, config.program, () => this.#whyNotReady());
  }

  get urls(): readonly string[] {
    return this.#urls;
  }

  async keepDeadLetters(): Promise<void> {
    this.#deadLetters = await DeadLetterFile.open(
      this.#config.program['http.deadLetterPath'],
      this.#senders,
      this.#logger,
    );
    this.#state.keepDrops(this.#deadLetters);
  }

  async listen(now: number): Promise<void> {
    const properties = this.#config.program;
    const listeners: (readonly [app: FastifyInstance, port: number])[] = [];
    if (properties['http.port.enable']) listeners.push([httpApp(properties), properties['http.port']]);
    if (properties['https.port.enable']) listeners.push([await httpsApp(properties, now), properties['https.port']]);
    if (listeners.length === 0) {
      throw new TranquilityError(
        'TRQ_CONFIG_INVALID',
        'Neither http.port.enable nor https.port.enable is true. Set one of them.',
      );
    }
    const path = properties['http.auth.path'];
    const authentication =
      path === undefined ? undefined : new Authentication(await ClientFile.open(path), this.#logger);
    this.#connections = listeners.map(([app]) => new Connections(app));
    this.#urls = await Promise.all(listeners.map(([app, port]) => this.#open(app, port, authentication)));
  }

  async reload(): Promise<readonly string[]> {
    const [config, changed] = await this.#takeOver();
    for (const warning of config.warnings) this.#logger.warn(warning);
    if (JSON.stringify(config.program) !== JSON.stringify(this.#config.program)) {
      this.#logger.warn('Properties of http.* or https.* have changed; they count from the next start of the server');
    }
    return changed;
  }

  stop(now: AbortSignal = new AbortController().signal): Promise<StopReport> {
    return (this.#stopped ??= this.#stop(now));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #takeOver(): Promise<readonly [config: ServerConfig, changed: readonly string[]]> {
    try {
      const config = await loadServerConfig(this.#options.config, this.#options.properties);
      return [config, await this.#senders.reload(config)];
    } catch (error) {
      this.#senders.warn(
        `The config was read again, but not taken over, and the one before holds: ${messageOf(error)}`,
      );
      throw error;
    }
  }

  async #open(app: FastifyInstance, port: number, authentication: Authentication | undefined): Promise<string> {
    // The routes answer 405 to all methods that there are.
    for (const method of METHODS) if (!app.supportedMethods.includes(method)) app.addHttpMethod(method);
    app.addHook('onRequest', async (request, reply) => {
      const reason = this.#whyNotReady();
      if (reason === undefined || request.method !== 'POST') return;
      await refuse(request, reply, new Problem(503, reason));
    });
    app.addHook('onSend', async (request, reply) => {
      if (this.#isStopping) reply.header('connection', 'close');
      leaveUnread(request.raw, reply.raw);
    });
    refuseOtherSites(app);
    if (authentication !== undefined) guard(app, authentication);
    else if (isLoopback(this.#config.program['http.host'])) refuseOtherNames(app);
    app.setNotFoundHandler((request, reply) => refuse(request, reply, new Problem(404, 'Not found')));
    await app.register(routes, {
      senders: this.#senders,
      limits: this.#config.program,
      state: this.#state,
      deadLetters: this.#deadLetters,
      logger: this.#logger,
      ...(authentication === undefined
        ? { clientOf: certificateOf }
        : { mayPost: requestMayPost, clientOf: clientNameOf }),
    });
    try {
      return await app.listen({ host: this.#config.program['http.host'], port, backlog: 511 });
    } catch (error) {
      throw new TranquilityError(
        'TRQ_LISTEN_FAILED',
        `Cannot listen on ${this.#config.program['http.host']}:${port}: ${messageOf(error)}`,
        {
          cause: error,
        },
      );
    }
  }

  #whyNotReady(): string | undefined {
    return this.#isStopping ? 'The server is stopping' : undefined;
  }

  async #stop(now: AbortSignal): Promise<StopReport> {
    this.#isStopping = true;
    const { millis } = this.#config.program['http.stopTimeout'];
    const areClosed = await this.#closeApps(millis, now);
    const closed = await this.#senders.close(millis, now);
    await this.#deadLetters?.[Symbol.asyncDispose]();
    const left = closed
      .filter(({ drained }) => !drained)
      .map(({ dataSource, counters }) => `${dataSource}: events were not delivered; ${counters.failed} failed in all`);
    const cut = areClosed ? [] : ['Requests were cut off that were not answered'];
    return { drained: areClosed && left.length === 0, left: [...cut, ...left] };
  }

  /** Waits as long as may be; then what is left is cut off. @returns whether every request was answered. */
  async #closeApps(millis: number, now: AbortSignal): Promise<boolean> {
    let end = (): void => undefined;
    const over = new Promise<void>((resolve) => (end = resolve));
    const timer = setTimeout(end, now.aborted ? 0 : timerMillis(millis));
    now.addEventListener('abort', end, { once: true });
    await Promise.race([over, Promise.all(this.#connections.map((connections) => connections.close()))]);
    clearTimeout(timer);
    now.removeEventListener('abort', end);
    return !this.#connections.map((connections) => connections.cut()).includes(true);
  }
}

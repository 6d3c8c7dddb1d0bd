import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { messageOf, type Logger } from '@tranquility-js/core';
import { operations } from '@tranquility-js/operations';
import { consolePage } from './console/page.js';
import type { DeadLetterFile } from './dead-letter-file.js';
import { openApi } from './open-api.js';
import { Aborted } from './post/aborted.js';
import { answerProblem, takesJson, type Answer } from './post/answer.js';
import { bodyLimitsOf } from './post/body.js';
import { discard } from './post/discard.js';
import { isReplayed, type Idempotency, type KeyedRequest } from './post/idempotency.js';
import { post } from './post/post.js';
import { Problem } from './post/problem.js';
import { readParameters, unknownType } from './post/request-form.js';
import type { MayPost } from './post/route.js';
import type { ServerProperties } from './properties.js';
import { refuse } from './refuse.js';
import type { RouteState } from './route-state.js';
import type { Senders } from './senders.js';
import { leaveUnread } from './unread.js';

export interface RoutesOptions {
  readonly senders: Senders;
  readonly limits: ServerProperties;
  readonly state: RouteState;
  /** Where events are kept that are not sent; it stays its owner's to close. */
  readonly deadLetters?: DeadLetterFile | undefined;
  readonly logger: Logger;
  /** Whether a request may post to a dataSource. Default: every request to each. */
  readonly mayPost?: (request: FastifyRequest, dataSource: string) => boolean;
  /** Who asks, for an Idempotency-Key: those of different clients are different. Default: all are one. */
  readonly clientOf?: (request: FastifyRequest) => string;
}

/** Every route of the server, with content types and errors of its own: it leaves those of the app around it alone. */
export const routes: FastifyPluginCallback<RoutesOptions> = (app, options, done) => {
  const { senders, limits, state, deadLetters, logger, mayPost, clientOf } = options;
  const { idempotency, requests, latency, metrics, live, readiness, status, heldBytes } = state;

  const count = (status: number | 'aborted'): void => {
    requests.add({ status: String(status) });
    live.answered(status);
  };
  // Here, as a POST may be refused before it is looked at: by who asks, or from where.
  app.addHook('onSend', (request, reply, _payload, sent) => {
    if (isPost(request)) count(reply.statusCode);
    sent();
  });
  app.removeAllContentTypeParsers();
  // Bodies are read as they come, by what is posted to.
  app.addContentTypeParser('*', (_request, _payload, parsed) => {
    parsed(null);
  });
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof Aborted) {
      logger.debug(`A client left before its body had ended: ${error.message}`);
      count('aborted');
      return reply.hijack();
    }
    const { statusCode = 500, code } = error as { readonly statusCode?: number; readonly code?: string };
    if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE' && isPost(request)) {
      return refuse(request, reply, unknownType());
    }
    if (statusCode >= 500) logger.error(`A request broke: ${messageOf(error)}`, { error });
    const problem = statusCode >= 500 ? new Problem(500, 'Server error') : new Problem(statusCode, messageOf(error));
    return refuse(request, reply, problem);
  });

  app.register(operations, { readiness: () => readiness.look(), metrics, status: () => status.look() });

  app.get('/v1/live', () => live.look());
  app.register(consolePage);

  const take = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const start = performance.now();
    const { dataSource } = request.params as { readonly dataSource?: string };
    const at = request.raw.url?.indexOf('?') ?? -1;
    const query = at < 0 ? '' : (request.raw.url ?? '').slice(at + 1);
    const dataSources = new Set<string>();
    const may: MayPost = (name) => mayPost === undefined || mayPost(request, name);
    const run = (): Promise<Answer> =>
      post(
        {
          headers: request.headers,
          query,
          body: request.raw,
          dataSource,
          mayPost: (name) => {
            const isAllowed = may(name);
            if (isAllowed && senders.get(name) !== undefined) dataSources.add(name);
            return isAllowed;
          },
        },
        { senders, limits, logger, rejections: live.rejections, deadLetters, heldBytes },
      );
    const scope = [clientOf?.(request) ?? '', dataSource ?? '', parametersOf(query)];
    const answer = await once(idempotency, request, scope, { run, dataSources, mayPost: may });
    if (isReplayed(answer)) await discard(request.raw, bodyLimitsOf(limits));
    if (answer.status === 200) {
      const millis = performance.now() - start;
      latency.observe(millis / 1000);
      live.took(dataSource, millis);
    }
    leaveUnread(request.raw, reply.raw);
    return give(reply, answer);
  };
  app.post('/v1/post', take);
  app.post('/v1/post/:dataSource', take);
  // A dataSource has a name.
  app.all('/v1/post/', (_, reply) => {
    reply.callNotFound();
  });

  app.get('/v1/openapi.json', (_, reply) => reply.type('application/json; charset=UTF-8').send(openApi));

  for (const [path, methods] of Object.entries(allowed)) {
    const others = app.supportedMethods.filter((method) => !methods.includes(method));
    app.route({
      method: others,
      url: path,
      handler: (_, reply) => reply.code(405).header('allow', methods.join(', ')).send(''),
    });
  }
  done();
};

const isPost = ({ method, routeOptions: { url = '' } }: FastifyRequest): boolean =>
  method === 'POST' && /\/v1\/post(\/:dataSource)?$/.test(url);

const reading = ['GET', 'HEAD'];
const allowed: Readonly<Record<string, readonly string[]>> = {
  '/': reading,
  '/health': reading,
  '/v1/live': reading,
  '/metrics': reading,
  '/ready': reading,
  '/v1/openapi.json': reading,
  '/v1/post': ['POST'],
  '/v1/post/:dataSource': ['POST'],
  '/v1/status': reading,
};

/** Does a request that names a key only if none with that key was done before. */
async function once(
  idempotency: Idempotency,
  request: FastifyRequest,
  scope: readonly string[],
  keyed: KeyedRequest,
): Promise<Answer> {
  const name = request.headers['idempotency-key'];
  if (name === undefined) return keyed.run();
  if (typeof name !== 'string' || name === '' || name.length > 255) {
    const problem = new Problem(400, 'Expected an Idempotency-Key of 1 to 255 characters');
    return answerProblem(problem, { takesJson: takesJson(request.headers) });
  }
  return idempotency.once([...scope, name], keyed);
}

/** The parameters as they are understood: the same ones can be written in many ways. */
function parametersOf(query: string): string {
  try {
    return JSON.stringify(readParameters(query));
  } catch {
    return query;
  }
}

function give(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../post/problem.js';
import { refuse } from '../refuse.js';
import { mayPostTo, type Authentication } from './authentication.js';
import type { Client } from './clients.js';

const clients = new WeakMap<FastifyRequest, Client>();

/** Routes that tell nothing of anybody's data: whoever starts and watches the process asks for them. */
const open = new Set(['/health', '/ready']);

/** Routes that tell of everybody's data. */
const watching = new Set(['/metrics', '/v1/live', '/v1/status']);

/** Lets in only clients that are known. */
export function guard(app: FastifyInstance, authentication: Authentication): void {
  app.addHook('onRequest', async (request, reply) => {
    // The route, as the same path can be written in many ways.
    const { url: route = '' } = request.routeOptions;
    if (open.has(route)) return;
    try {
      const client = await authentication.clientOf(request.headers.authorization);
      clients.set(request, client);
      if (watching.has(route) && !client.monitor) {
        throw new Problem(403, `${client.name} has no right to see this: "monitor" is not true`);
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      await refuse(request, reply, error);
    }
  });
}

export const clientNameOf = (request: FastifyRequest): string => clients.get(request)?.name ?? '';

export function requestMayPost(request: FastifyRequest, dataSource: string): boolean {
  const client = clients.get(request);
  return client !== undefined && mayPostTo(client, dataSource);
}

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isLoopback } from '../listen/loopback.js';
import { Problem } from '../post/problem.js';
import { refuse } from '../refuse.js';

/** Routes that tell nothing of anybody's data: whoever watches the process may ask for them by any name. */
const open = new Set(['/health', '/ready']);

/**
 * Refuses what names another host than this machine: a page whose name is made to mean this machine (DNS rebinding) is of the same site, for
 * its browser, and could write and read all. For a server that only this machine reaches, and that asks nobody who they are.
 */
export function refuseOtherNames(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (open.has(request.routeOptions.url ?? '') || isThisMachine(request.host)) return;
    const problem = new Problem(403, 'The request names a host other than this machine', {
      more: [
        'Without http.auth.path, a server on a loopback address answers only to localhost, *.localhost, 127.x.x.x and [::1] (the header Host), as a page in a browser could read and write all by a name of its own otherwise.',
      ],
    });
    await refuse(request, reply, problem);
  });
}

function isThisMachine(host: string): boolean {
  if (!URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  return hostname === '[::1]' || hostname.endsWith('.localhost') || isLoopback(hostname);
}

/**
 * Refuses what a page of another site makes a browser post: without this, every page that somebody looks at on this machine could write to
 * Druid. Only browsers send these headers.
 */
export function refuseOtherSites(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'POST' || !isFromOtherSite(request)) return;
    const problem = new Problem(
      403,
      'A page of another site sends this: only the console of this server may post from a browser',
    );
    await refuse(request, reply, problem);
  });
}

/** The host is that of HTTP/2, too, which has no header for it. */
function isFromOtherSite({ headers: { origin, 'sec-fetch-site': site }, host }: FastifyRequest): boolean {
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

import { readdirSync, readFileSync } from 'node:fs';
import type { FastifyPluginCallback } from 'fastify';
import { banner } from '../banner.js';

/** What browsers get lies beside `src` and `dist`, as they get it. */
const directory = new URL('../../page/', import.meta.url);

const types: Readonly<Record<string, string>> = {
  css: 'text/css; charset=UTF-8',
  js: 'text/javascript; charset=UTF-8',
  svg: 'image/svg+xml',
};

/** Nothing but what lies here, no script within the page, and no markup made of text. */
const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'cache-control': 'no-cache',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** The console: a page for browsers at `/`, and its files at `/console/`. What is no browser gets a text at `/`. */
export const consolePage: FastifyPluginCallback = (app, _, done) => {
  const page = readFileSync(new URL('index.html', directory));
  app.get('/', (request, reply) => {
    reply.header('vary', 'accept');
    if (!/\btext\/html\b/.test(request.headers.accept ?? '')) {
      return reply.type('text/plain; charset=UTF-8').send(banner);
    }
    const path = request.url.split('?')[0] ?? '';
    // The page names its files by where it lies itself, so that it works below any prefix.
    if (!path.endsWith('/')) return reply.redirect(`${path.slice(path.lastIndexOf('/') + 1)}/`);
    return reply.headers(headers).type('text/html; charset=UTF-8').send(page);
  });
  for (const name of readdirSync(new URL('console/', directory))) {
    const content = readFileSync(new URL(`console/${name}`, directory));
    const type = types[name.slice(name.lastIndexOf('.') + 1)] ?? '';
    app.get(`/console/${name}`, (_request, reply) => reply.headers(headers).type(type).send(content));
  }
  done();
};

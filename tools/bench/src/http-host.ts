/**
 * A process that listens for POSTs: the HTTP server, or a bare fastify that reads the same bodies and discards them, parses them first, or
 * sends them on without a look. `node http-host.ts server|bare|bare-parse|bare-forward SINK`. Prints its port; for each line of input, what
 * it has used.
 */
import { createInterface } from 'node:readline';
import { fastify } from 'fastify';
import { Pool } from 'undici';
import { createServer } from '@tranquility-js/server';
import { config } from './events.js';

const [kind = 'server', sink = ''] = process.argv.slice(2);

async function listen(): Promise<string> {
  if (kind === 'server') {
    const properties = { 'druid.overlord.urls': `http://127.0.0.1:${sink}`, 'http.port': '0' };
    const server = await createServer({ config: config('server', properties) });
    return server.urls[0] ?? '';
  }
  const app = fastify({ bodyLimit: 1 << 30 });
  if (kind === 'bare') {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, payload, done) => {
      payload.on('data', () => undefined);
      payload.on('end', () => done(null, undefined));
    });
  }
  const answer = { result: { received: 1000, sent: 1000 } };
  if (kind === 'bare-forward') {
    const druid = new Pool(`http://127.0.0.1:${sink}`, { connections: 8 });
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.post('/v1/post/:dataSource', async ({ body }) => {
      const pushed = await druid.request({ method: 'POST', path: '/push-events', body: body as Buffer });
      await pushed.body.dump();
      return answer;
    });
  } else {
    app.post('/v1/post/:dataSource', () => answer);
  }
  return app.listen({ host: '127.0.0.1', port: 0 });
}

const { port } = new URL(await listen());
process.stdout.write(`${JSON.stringify({ port: Number(port) })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  if (line === '') continue;
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${JSON.stringify({ cpuSeconds: (user + system) / 1e6, memory: process.memoryUsage.rss() })}\n`);
}
process.exit();

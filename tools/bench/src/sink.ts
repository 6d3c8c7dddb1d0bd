/**
 * A process that stands for Druid where only the sender's speed matters: an overlord and its tasks on one port, which take everything and look
 * at nothing. Prints its port. `GET /pushed` tells how many bytes of rows it took.
 *
 * `node sink.ts MILLIS` is slow on purpose: it answers each push so much later, and counts the rows, which must be flat, for `GET /rows`.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

const tasks = new Map<string, unknown>();
const slowness = Number(process.argv[2] ?? 0);
const closeObject = 125;
let [pushed, rows] = [0, 0];

const server = createServer((request, response) => {
  const path = decodeURIComponent(request.url ?? '');
  const answer = (body: unknown, status = 200): void => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  if (path.endsWith('/push-events')) {
    request.on('data', (chunk: Buffer) => {
      pushed += chunk.length;
      if (slowness > 0) rows += objectsIn(chunk);
    });
    request.on('end', () => {
      if (slowness === 0) answer({ eventCount: 0 });
      else setTimeout(answer, slowness, { eventCount: 0 });
    });
    return;
  }
  void textOf(request).then((text) => {
    answer(...overlord(request.method ?? '', path, text));
  });
});

/** How many flat objects end in it. */
function objectsIn(chunk: Buffer): number {
  let found = 0;
  for (let at = chunk.indexOf(closeObject); at >= 0; at = chunk.indexOf(closeObject, at + 1)) found++;
  return found;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function overlord(method: string, path: string, body: string): [unknown, number?] {
  const { port } = server.address() as AddressInfo;
  if (path === '/pushed') return [pushed];
  if (path === '/rows') return [rows];
  if (path === '/status') return [{ version: '28.0.0' }];
  if (path.endsWith('/isLeader')) return [{ leader: true }];
  if (path.endsWith('/leader')) return [`http://127.0.0.1:${port}`];
  if (method === 'POST' && path.endsWith('/task')) {
    const task = JSON.parse(body) as { id: string };
    // All contestants share the task of the hour: to each it is its own.
    tasks.set(task.id, task);
    return [{ task: task.id }];
  }
  const [, id = '', what] = /\/task\/(.*?)(\/status)?$/.exec(path) ?? [];
  if (!tasks.has(id)) return [{ task: id }, 404];
  if (what === undefined) return [{ task: id, payload: tasks.get(id) }];
  const location = { host: '127.0.0.1', port, tlsPort: -1 };
  const [statusCode, runnerStatusCode] = ['RUNNING', 'RUNNING'];
  return [{ task: id, status: { id, status: statusCode, statusCode, runnerStatusCode, duration: -1, location } }];
}

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`);
});

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Cluster, PeerPush, ServiceName } from '@tranquility-js/cluster';

/**
 * Lets the suites, which run in processes of their own, steer the one cluster that they share:
 * `POST /services/NAME/stop|start|kill|pause|resume`, `POST /peons`, and `POST /peer` with what the JVM Tranquility shall push.
 */
export async function serveControl(cluster: Cluster): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    void answer(cluster, request).then(
      (result) => response.end(JSON.stringify(result)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

const actions = ['stop', 'start', 'kill', 'pause', 'resume'] as const;

async function answer(cluster: Cluster, request: IncomingMessage): Promise<unknown> {
  const path = request.url ?? '';
  if (path === '/peer') return cluster.pushWithPeer(JSON.parse(await text(request)) as PeerPush);
  if (path === '/peons') return cluster.peons();
  const [, , name, action] = path.split('/');
  const known = actions.find((candidate) => candidate === action);
  if (known === undefined) throw new Error(`Cannot do ${path}.`);
  await cluster.service(name as ServiceName)[known]();
  return { done: path };
}

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** Stands before an overlord, and may not know what became of its tasks. */
export class ForgetfulProxy implements AsyncDisposable {
  readonly #server: Server;
  /** What is answered when the status of a task is asked for: the truth; that it runs; or that there is no such task. */
  says: 'the truth' | 'running' | 'unknown' = 'the truth';

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param overlord its URL. */
  static async to(overlord: string): Promise<ForgetfulProxy> {
    const server = createServer();
    const proxy = new ForgetfulProxy(server);
    server.on('request', (request, response) => {
      const { url = '/', method = 'GET' } = request;
      if (proxy.says === 'unknown' && url.endsWith('/status')) {
        response.writeHead(404).end('{"status":null}');
        return;
      }
      if (proxy.says === 'running' && url.endsWith('/status')) {
        response.end('{"status":{"statusCode":"RUNNING","runnerStatusCode":"RUNNING"}}');
        return;
      }
      void (async () => {
        const body = method === 'GET' ? undefined : await text(request);
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(`${overlord}${url}`, { method, headers, ...(body === undefined ? {} : { body }) });
        response.writeHead(answer.status).end(await answer.text());
      })().catch(() => response.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

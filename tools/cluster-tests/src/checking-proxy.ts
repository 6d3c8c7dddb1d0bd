import { request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What a proxy wants of its clients. */
export interface Demands {
  /** Its certificate and key, and whether it wants one of the client. */
  readonly tls: ServerOptions;
  /** The header that every request must have; it is read for each. */
  readonly authorization?: () => string;
}

/** A proxy that ends TLS before servers that have none, and lets nobody in whom it does not know. */
export class CheckingProxy implements AsyncDisposable {
  /** The requests that it let in, without what tells one task from another: `POST /druid/worker/v1/chat`. */
  readonly served = new Map<string, number>();
  readonly #demands: Demands;
  readonly #servers: Server[] = [];

  constructor(demands: Demands) {
    this.#demands = demands;
  }

  /** Opens a port of 127.0.0.1 for a server. @param target `host:port` @returns `localhost:PORT` */
  async to(target: string): Promise<string> {
    const server = createServer(this.#demands.tls, (request, response) => {
      this.#serve(request, response, target);
    });
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `localhost:${(server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  #serve(request: IncomingMessage, response: ServerResponse, target: string): void {
    const { method, url: path = '', headers } = request;
    const { authorization } = this.#demands;
    if (authorization !== undefined && headers.authorization !== authorization()) {
      response.writeHead(401).end('{"error":"Unauthorized request."}');
      return;
    }
    const what = `${method} ${path.split('/').slice(0, 5).join('/')}`;
    this.served.set(what, (this.served.get(what) ?? 0) + 1);
    const [host = '', port = ''] = target.split(':');
    const onward = forward({ host, port, method, path, headers: { ...headers, host: target } }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', (error) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end(error.message);
    });
    request.pipe(onward);
  }
}

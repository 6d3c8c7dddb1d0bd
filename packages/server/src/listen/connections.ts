import type { Server as HttpServer, ServerResponse } from 'node:http';
import type { Http2SecureServer, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** How often connections are looked for that have nothing to do, while the server stops, in milliseconds. */
const lookMillis = 50;

/** The connections of an app, of HTTP/1.1 and HTTP/2. */
export class Connections {
  readonly #app: FastifyInstance;
  readonly #server: HttpServer | Http2SecureServer;
  readonly #sessions = new Set<ServerHttp2Session>();
  /** All of them, also those that have said nothing yet: the servers of Node do not know them all. */
  readonly #sockets = new Set<Socket>();
  #underWay = 0;

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.#server = app.server;
    this.#server.on('session', (session: ServerHttp2Session) => {
      this.#sessions.add(session);
      session.once('close', () => this.#sessions.delete(session));
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('request', (_: unknown, response: ServerResponse) => {
      this.#underWay++;
      response.once('close', () => this.#underWay--);
    });
  }

  /** Takes no more of them, and resolves when all have been answered and closed. */
  async close(): Promise<void> {
    for (const session of this.#sessions) session.close();
    // One that is answered now would be kept for the next request otherwise.
    const timer = setInterval(() => {
      if ('closeIdleConnections' in this.#server) this.#server.closeIdleConnections();
    }, lookMillis);
    try {
      await this.#app.close();
    } finally {
      clearInterval(timer);
    }
  }

  /** Closes all of them at once. @returns whether a request was under way. */
  cut(): boolean {
    for (const socket of this.#sockets) socket.destroy();
    return this.#underWay > 0;
  }
}

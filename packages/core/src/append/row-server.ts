import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import type { Secret } from '../config/secret.js';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import type { Logger } from '../observe/logger.js';
import { serverOptions, type TlsServer } from '../transport/tls-files.js';

export interface RowServerOptions {
  readonly host: string;
  readonly port: number;
  /** Who asks must be this user. Default: whoever knows the path. */
  readonly user?: { readonly name: string; readonly password: Secret };
  /** Default: plain HTTP. */
  readonly tls?: TlsServer;
  readonly logger: Logger;
}

/** Gives the rows of a batch, in chunks: the same each time. */
export type OpenRows = () => AsyncIterable<Buffer>;

/** The longest silence of a reader, in milliseconds. */
const idleTimeout = 60_000;

/**
 * Serves batches of rows to Druid's tasks, as files of gzip. Each has a path that cannot be guessed; what is behind it never changes,
 * so that a task that lost its connection can read it again.
 */
export class RowServer {
  readonly #server: Server;
  readonly #rows = new Map<string, OpenRows>();
  readonly #options: RowServerOptions;

  private constructor(options: RowServerOptions) {
    this.#options = options;
    this.#server = createServerOf(options);
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#answer(request, response);
    });
    this.#server.setTimeout(idleTimeout);
  }

  /** Listens. @throws TRQ_ENDPOINT_FAILED when it cannot. */
  static async start(options: RowServerOptions): Promise<RowServer> {
    const { host, port } = options;
    try {
      const server = new RowServer(options);
      server.#server.listen({ host, port });
      await once(server.#server, 'listening');
      return server;
    } catch (error) {
      const why = `cannot listen at ${host}:${port}: ${messageOf(error)}`;
      throw new TranquilityError(
        'TRQ_ENDPOINT_FAILED',
        `The endpoint from which Druid’s append tasks read ${why}. Check append.endpoint.host and append.endpoint.port, who else uses the port, and the certificate if it has one.`,
        { cause: error, details: { host, port } },
      );
    }
  }

  /** Where it listens. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The path under which rows of this secret are served. */
  static pathOf(secret: string): string {
    return `/append/${secret}/rows.json.gz`;
  }

  /** Serves rows from now on. */
  add(secret: string, open: OpenRows): void {
    this.#rows.set(RowServer.pathOf(secret), open);
  }

  /** Serves them no more. */
  remove(secret: string): void {
    this.#rows.delete(RowServer.pathOf(secret));
  }

  /** Ends all connections and stops to listen. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request;
    if (!this.#mayRead(request)) return end(response, 401, { 'www-authenticate': 'Basic realm="tranquility"' });
    const open = this.#rows.get(url);
    if (open === undefined) return end(response, 404);
    if (method !== 'GET') return end(response, 405, { allow: 'GET' });
    response.writeHead(200, { 'content-type': 'application/gzip', 'cache-control': 'no-store' });
    try {
      await pipeline(Readable.from(open()), createGzip({ level: constants.Z_BEST_SPEED }), response);
    } catch (error) {
      // The task sees an end that is none, and reads again.
      response.destroy();
      this.#options.logger.debug(`A task of Druid’s did not read its rows to the end: ${messageOf(error)}.`);
    }
  }

  #mayRead({ headers }: IncomingMessage): boolean {
    const { user } = this.#options;
    if (user === undefined) return true;
    const wanted = Buffer.from(`Basic ${Buffer.from(`${user.name}:${user.password.reveal()}`).toString('base64')}`);
    const given = Buffer.from(headers.authorization ?? '');
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }
}

function createServerOf({ tls }: RowServerOptions): Server {
  return tls === undefined ? createServer() : createTlsServer(serverOptions(tls));
}

function end(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers).end();
}

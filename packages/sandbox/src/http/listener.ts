import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Fault, FaultFinder } from '../faults/fault.js';
import { failure, type Answer } from './answer.js';
import type { SandboxRequest } from './request.js';
import type { Handler } from './routes.js';

const unzip = promisify(gunzip);
const nothing = Buffer.alloc(0);

export interface ListenerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly handler: Handler;
  readonly findFault: FaultFinder;
  /** What a fault that kills the server does. */
  readonly die: () => Promise<void>;
}

/** A server on a port of its own, with the faults that somebody asked for. */
export class Listener {
  readonly #server: Server;
  readonly #options: ListenerOptions;
  #port = 0;

  private constructor(options: ListenerOptions) {
    this.#options = options;
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      void this.#serve(request, response);
    });
    // What breaks a connection is told to whom it concerns: the one that sent.
    this.#server.on('connection', (socket) => socket.on('error', () => undefined));
  }

  /** @throws what Node throws when the port cannot be had. */
  static async open(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options);
    await new Promise<void>((resolve, reject) => {
      listener.#server.once('error', reject);
      listener.#server.listen(options.port, options.host, resolve);
    });
    listener.#port = (listener.#server.address() as AddressInfo).port;
    return listener;
  }

  get port(): number {
    return this.#port;
  }

  get authority(): string {
    const { host } = this.#options;
    return `${host.includes(':') ? `[${host}]` : host}:${this.port}`;
  }

  get url(): string {
    return `http://${this.authority}`;
  }

  /** Breaks all connections and takes no more. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = incoming;
    try {
      const url = new URL(incoming.url ?? '/', 'http://sandbox');
      const path = decodeURIComponent(url.pathname);
      const method = incoming.method ?? 'GET';
      const fault = this.#options.findFault({ method, path });
      if (fault?.kind === 'delay') await sleep(fault.millis);
      if (fault?.kind === 'reset' && fault.when !== 'after-body') {
        await breakWithin(incoming, fault.when === 'within-body');
        return;
      }
      const body = await readBody(incoming);
      if (fault?.kind === 'reset') {
        socket.resetAndDestroy();
        return;
      }
      if (fault?.kind === 'kill-task') {
        await this.#options.die();
        return;
      }
      if (fault?.kind === 'hang') {
        await fault.released;
        socket.resetAndDestroy();
        return;
      }
      const request: SandboxRequest = { method, path, query: url.searchParams, headers: incoming.headers, body };
      const answer =
        fault?.kind === 'status'
          ? { status: fault.status, body: fault.body ?? '', headers: fault.headers ?? {} }
          : await this.#options.handler(request);
      finish(response, answer, fault);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!response.headersSent) finish(response, failure(500, message), undefined);
    }
  }
}

function finish(response: ServerResponse, answer: Answer, fault: Fault | undefined): void {
  const body = Buffer.from(answer.body ?? '');
  if (fault?.kind === 'lose-answer') {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
  if (fault?.kind === 'cut-answer') {
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
    return;
  }
  response.end(body);
}

/** Breaks the connection before the body, or when half of it has come. */
async function breakWithin(incoming: IncomingMessage, isWithin: boolean): Promise<void> {
  if (isWithin) {
    const half = Number(incoming.headers['content-length'] ?? 2) / 2;
    let size = 0;
    for await (const chunk of incoming) {
      size += (chunk as Buffer).length;
      if (size >= half) break;
    }
  }
  incoming.socket.resetAndDestroy();
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', resolve);
    incoming.on('error', reject);
    incoming.on('close', () => {
      reject(new Error('The request broke off.'));
    });
  });
  const [first = nothing] = chunks;
  const bytes = chunks.length > 1 ? Buffer.concat(chunks) : first;
  return incoming.headers['content-encoding'] === 'gzip' ? unzip(bytes) : bytes;
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Fault, FaultFinder } from '../faults/fault.js';
import { failure, type Answer } from './answer.js';
import type { SandboxRequest } from './request.js';
import type { Handler } from './routes.js';

const unzip = promisify(gunzip);

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

  get url(): string {
    const { host } = this.#options;
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
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
      const { pathname, searchParams: query } = new URL(incoming.url ?? '/', 'http://sandbox');
      const target = { method: incoming.method ?? 'GET', path: decodeURIComponent(pathname) };
      const fault = this.#options.findFault(target);
      if (fault?.kind === 'delay') await sleep(fault.millis);
      const body = await readBody(incoming, fault);
      const request = body && { ...target, query, headers: incoming.headers, body };
      const answer = request && (await this.#answer(request, fault));
      if (answer === undefined) reset(socket);
      else finish(response, answer, fault);
    } catch (error) {
      if (response.headersSent) return;
      const message = error instanceof Error ? error.message : String(error);
      finish(response, failure(error instanceof URIError ? 400 : 500, message), undefined);
    }
  }

  /** @returns undefined when the fault is that there is none. */
  async #answer(request: SandboxRequest, fault: Fault | undefined): Promise<Answer | undefined> {
    switch (fault?.kind) {
      case 'reset':
        return undefined;
      case 'kill-task':
        await this.#options.die();
        return undefined;
      case 'hang':
        await fault.released;
        return undefined;
      case 'status':
        return { status: fault.status, body: fault.body ?? '', headers: fault.headers ?? {} };
      case 'delay':
      case 'lose-answer':
      case 'cut-answer':
      case undefined:
        return this.#options.handler(request);
    }
  }
}

/** One that is ending already cannot be reset: its handle would never close, and this process would not end. */
function reset(socket: Socket | null): void {
  if (socket?.writableEnded === true) socket.destroy();
  else socket?.resetAndDestroy();
}

function finish(response: ServerResponse, answer: Answer, fault: Fault | undefined): void {
  const body = Buffer.from(answer.body ?? '');
  if (fault?.kind === 'lose-answer') {
    reset(response.socket);
    return;
  }
  response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
  if (fault?.kind === 'cut-answer') {
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
    return;
  }
  response.end(body);
}

/** @returns undefined when the fault is that it does not come in whole. */
async function readBody(incoming: IncomingMessage, fault: Fault | undefined): Promise<Buffer | undefined> {
  const when = fault?.kind === 'reset' ? fault.when : undefined;
  if (when === 'before-body') return undefined;
  const half = when === 'within-body' ? Number(incoming.headers['content-length'] ?? 2) / 2 : Infinity;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= half) return undefined;
  }
  const bytes = Buffer.concat(chunks);
  return incoming.headers['content-encoding'] === 'gzip' ? unzip(bytes) : bytes;
}

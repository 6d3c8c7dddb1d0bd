import type { Socket } from 'node:net';
import { messageOf } from '../errors/tranquility-error.js';
import type { EndpointLimits } from './limits.js';
import { ReaderPositions } from './reader-positions.js';
import { headerHasTags, readRequest, type Request } from './request.js';
import { RequestFrames } from './request-frames.js';
import type { WireWriter } from './wire-writer.js';

/** An answer to a request. */
export interface Answer {
  readonly writer: WireWriter;
  /** Called when it has been sent, or cannot be. */
  readonly release?: () => void;
  /** Whether the connection ends behind it. */
  readonly ends?: boolean;
}

/** Answers the requests of one connection. */
export interface Session {
  /** Whether the peer has shown who it is, or does not need to. */
  readonly mayRead: boolean;
  /** @throws whatever a request has wrong: the connection is then closed. */
  answer(request: Request, positions: ReaderPositions, signal: AbortSignal): Promise<Answer>;
}

/**
 * One connection: takes requests and answers them one by one, in order, as Kafka does. Whatever is wrong with a request, or too
 * slow, ends this connection and no other.
 */
export class Connection {
  /** Resolves with why it ended; an end without reason is the peer's. */
  readonly ended: Promise<string | undefined>;
  readonly #socket: Socket;
  readonly #session: Session;
  readonly #limits: EndpointLimits;
  readonly #frames: RequestFrames;
  readonly #positions = new ReaderPositions();
  readonly #ending = new AbortController();
  readonly #waiting: Buffer[] = [];
  #isAnswering = false;
  /** The last answer has been given. */
  #isOver = false;
  #transfer: NodeJS.Timeout | undefined;
  #welcome: NodeJS.Timeout | undefined;
  #end: (reason: string | undefined) => void = () => undefined;

  constructor(socket: Socket, session: Session, limits: EndpointLimits) {
    this.#socket = socket;
    this.#session = session;
    this.#limits = limits;
    this.#frames = new RequestFrames(limits.requestBytes);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#welcome = setTimeout(() => {
      this.close(`it did not ask for anything that it may within ${limits.handshake} ms`);
    }, limits.handshake);
    socket.setNoDelay(true);
    socket.setTimeout(limits.idle, () => this.close(`nothing moved on it for ${limits.idle} ms`));
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('error', (error) => this.close(messageOf(error)));
    socket.on('close', () => this.close());
  }

  /** Ends it at once. The first reason counts. */
  close(reason?: string): void {
    if (this.#ending.signal.aborted) return;
    clearTimeout(this.#welcome);
    clearTimeout(this.#transfer);
    this.#ending.abort(new Error(reason ?? 'The connection was closed.'));
    this.#waiting.length = 0;
    this.#socket.destroy();
    this.#end(reason);
  }

  #receive(bytes: Buffer): void {
    try {
      for (const frame of this.#frames.push(bytes)) {
        this.#waiting.push(frame);
        this.#limitTransfer(undefined);
      }
    } catch (error) {
      this.close(messageOf(error));
      return;
    }
    this.#limitTransfer(this.#frames.isWithin ? 'a request came too slowly' : undefined);
    if (this.#waiting.length >= this.#limits.waitingRequests) this.#socket.pause();
    if (!this.#isAnswering) void this.#answerAll();
  }

  /** Gives a half request, or an answer that is not taken, its time; `undefined` when there is none. */
  #limitTransfer(reason: string | undefined): void {
    if (reason === undefined) {
      clearTimeout(this.#transfer);
      this.#transfer = undefined;
    } else {
      this.#transfer ??= setTimeout(() => this.close(`${reason} (${this.#limits.transfer} ms)`), this.#limits.transfer);
    }
  }

  async #answerAll(): Promise<void> {
    this.#isAnswering = true;
    try {
      for (let frame = this.#waiting.shift(); frame !== undefined; frame = this.#waiting.shift()) {
        await this.#answer(readRequest(frame));
        if (!this.#isOver && this.#waiting.length < this.#limits.waitingRequests) this.#socket.resume();
      }
    } catch (error) {
      this.close(messageOf(error));
    }
    this.#isAnswering = false;
  }

  async #answer(request: Request): Promise<void> {
    const { writer, release, ends } = await this.#session.answer(request, this.#positions, this.#ending.signal);
    try {
      if (this.#session.mayRead) {
        clearTimeout(this.#welcome);
        this.#welcome = undefined;
      }
      await this.#send(writer.answer(request.correlationId, headerHasTags(request)));
    } finally {
      release?.();
    }
    if (ends !== true) return;
    this.#isOver = true;
    this.#waiting.length = 0;
    this.#socket.pause();
    this.#socket.end(() => this.close('it could not show who it is'));
  }

  /** Waits until the peer has taken enough of it. */
  #send(parts: readonly Buffer[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const { signal } = this.#ending;
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      this.#socket.cork();
      const flows = parts.map((part) => this.#socket.write(part)).every(Boolean);
      process.nextTick(() => this.#socket.uncork());
      if (flows) {
        resolve();
        return;
      }
      const late = setTimeout(
        () => this.close(`an answer was not taken within ${this.#limits.transfer} ms`),
        this.#limits.transfer,
      );
      const finish = (): void => {
        clearTimeout(late);
        signal.removeEventListener('abort', abort);
        this.#socket.removeListener('drain', drained);
      };
      const abort = (): void => {
        finish();
        reject(signal.reason as Error);
      };
      const drained = (): void => {
        finish();
        resolve();
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#socket.once('drain', drained);
    });
  }
}

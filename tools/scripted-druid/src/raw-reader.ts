import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

/** A connection of a reader that sends bytes as they are given, and cuts what comes back into answers. */
export class RawReader implements AsyncDisposable {
  /** Resolves when the connection has ended, from whichever side. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #answers: Buffer[] = [];
  readonly #asking: ((answer: Buffer | undefined) => void)[] = [];
  #received = Buffer.alloc(0);
  #isClosed = false;

  constructor(port: number, tls?: ConnectionOptions) {
    const address = { host: '127.0.0.1', port };
    this.#socket = tls === undefined ? connect(address) : connectTls({ ...tls, ...address });
    this.#socket.on('data', (bytes) => this.#receive(bytes));
    this.#socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.#socket.once('close', () => {
        this.#isClosed = true;
        for (const give of this.#asking.splice(0)) give(undefined);
        resolve();
      });
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Takes no bytes any more, until the end. */
  pause(): void {
    this.#socket.pause();
  }

  /** Resolves when the bytes have been handed to the system, or the connection is gone. */
  send(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isClosed) resolve();
      else this.#socket.write(bytes, () => resolve());
    });
  }

  /** The next answer, behind its correlation id; `undefined` when the connection ended before. */
  answer(): Promise<Buffer | undefined> {
    const answer = this.#answers.shift();
    if (answer !== undefined || this.#isClosed) return Promise.resolve(answer);
    return new Promise((resolve) => this.#asking.push(resolve));
  }

  /** Sends a request and waits for its answer. */
  async ask(request: Buffer): Promise<Buffer | undefined> {
    void this.send(request);
    return this.answer();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.closed;
  }

  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    while (this.#received.length >= 4) {
      const end = 4 + this.#received.readInt32BE();
      if (this.#received.length < end) return;
      const answer = this.#received.subarray(8, end);
      this.#received = this.#received.subarray(end);
      const give = this.#asking.shift();
      if (give === undefined) this.#answers.push(answer);
      else give(answer);
    }
  }
}

import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What a proxy does with connections and bytes. */
export type Fault =
  /** Nothing. */
  | { readonly kind: 'none' }
  /** New connections are ended at once. */
  | { readonly kind: 'refuse' }
  /** Bytes vanish in both directions, and so do the ends of connections. */
  | { readonly kind: 'black-hole' }
  /** Once so many more bytes of answers have gone through, the connection ends; then there is no fault any more. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Answers come so many milliseconds late. */
  | { readonly kind: 'delay'; readonly millis: number };

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** A TCP proxy on a free port of 127.0.0.1 that fails on demand. */
export class FaultProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #fault: Fault = { kind: 'none' };
  #left = 0;
  /** How many connections have come. */
  connections = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param target `host:port` */
  static async to(target: string): Promise<FaultProxy> {
    const [host = '', port = ''] = target.split(':');
    const server = createServer();
    const proxy = new FaultProxy(server);
    server.on('connection', (client) => {
      proxy.#join(client, () => connect(Number(port), host));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** `127.0.0.1:PORT` */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What goes wrong from now on. After a black hole its connections are gone. */
  set fault(fault: Fault) {
    if (this.#fault.kind === 'black-hole') this.reset();
    this.#fault = fault;
    if (fault.kind === 'cut') this.#left = fault.afterBytes;
  }

  /** Resets all connections. */
  reset(): void {
    for (const pair of [...this.#pairs]) this.#end(pair);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.reset();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket, open: () => Socket): void {
    this.connections++;
    if (this.#fault.kind === 'refuse') {
      reset(client);
      return;
    }
    const pair = { client, server: open() };
    this.#pairs.add(pair);
    client.on('data', (bytes: Buffer) => {
      if (this.#fault.kind !== 'black-hole') pair.server.write(bytes);
    });
    pair.server.on('data', (bytes: Buffer) => {
      this.#answer(pair, bytes);
    });
    for (const socket of [client, pair.server]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (this.#fault.kind !== 'black-hole') this.#end(pair);
      });
    }
  }

  #answer(pair: Pair, bytes: Buffer): void {
    const fault = this.#fault;
    if (fault.kind === 'black-hole') return;
    if (fault.kind === 'delay') {
      setTimeout(() => pair.client.write(bytes), fault.millis);
    } else if (fault.kind === 'cut' && bytes.length > this.#left) {
      this.#fault = { kind: 'none' };
      this.#pairs.delete(pair);
      pair.server.destroy();
      pair.client.end(bytes.subarray(0, this.#left));
    } else {
      this.#left -= bytes.length;
      pair.client.write(bytes);
    }
  }

  #end(pair: Pair): void {
    this.#pairs.delete(pair);
    reset(pair.client);
    pair.server.destroy();
  }
}

/** One that is ending already cannot be reset: its handle would never close, and this process would not end. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

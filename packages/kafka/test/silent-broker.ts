import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

const [metadata, versions] = [3, 18];

/** The versions of requests that it knows, by their numbers. */
const known = [
  [metadata, 0, 1],
  [versions, 0, 0],
] as const;

/** A broker of a cluster with no topics, which can be made to answer nothing. */
export class SilentBroker {
  /** How many requests it has left without an answer. */
  unanswered = 0;
  isSilent = false;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer((socket) => {
    this.#serve(socket);
  });

  /** Listens, and gives the address. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${this.#port}`;
  }

  /** The connections that clients have to it. */
  get connections(): number {
    return this.#sockets.size;
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
    let bytes = Buffer.alloc(0);
    socket.on('data', (more) => {
      bytes = Buffer.concat([bytes, more]);
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
        const end = 4 + bytes.readInt32BE(0);
        this.#answer(socket, bytes.subarray(4, end));
        bytes = bytes.subarray(end);
      }
    });
  }

  #answer(socket: Socket, request: Buffer): void {
    if (this.isSilent) {
      this.unanswered++;
      return;
    }
    const body = request.readInt16BE(0) === versions ? this.#versions() : this.#metadata();
    socket.write(Buffer.concat([int32(4 + body.length), request.subarray(4, 8), body]));
  }

  #versions(): Buffer {
    return Buffer.concat([int16(0), int32(known.length), ...known.flat().map(int16)]);
  }

  /** One broker, with no rack, which is the controller. */
  #metadata(): Buffer {
    const host = Buffer.from('127.0.0.1');
    const broker = [int32(1), int16(host.length), host, int32(this.#port), int16(-1)];
    return Buffer.concat([int32(1), ...broker, int32(1), int32(0)]);
  }
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

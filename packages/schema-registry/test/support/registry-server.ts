import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

interface Entry {
  readonly schema: string;
  readonly schemaType?: string;
  readonly references?: readonly object[];
}

/**
 * A schema registry: of the documented REST API, the registration of schemas and the two ways of reading them. It keeps what it is given
 * in memory, asks for credentials if it has any, and can be made to answer with an error.
 */
export class RegistryServer {
  /** How often a schema was asked for by its id. */
  asked = 0;
  /** The status of every answer, instead of the right ones. */
  failure: number | undefined;
  /** What every answer says, with the status 404. */
  missing: string | undefined;
  readonly #scheme: string;
  readonly #server: Server;
  readonly #byId: Entry[] = [];
  readonly #bySubject = new Map<string, Entry[]>();
  readonly #authorization: string | undefined;

  constructor(authorization?: string, tls?: { readonly cert: Buffer; readonly key: Buffer }) {
    this.#authorization = authorization;
    const answer = (request: IncomingMessage, response: ServerResponse): void => void this.#answer(request, response);
    this.#scheme = tls === undefined ? 'http' : 'https';
    this.#server = tls === undefined ? createServer(answer) : createSecureServer(tls, answer);
  }

  /** Listens, and gives the address. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Keeps a schema as the next version of a subject, and gives its id. */
  register(subject: string, entry: Entry): number {
    this.#bySubject.set(subject, [...(this.#bySubject.get(subject) ?? []), entry]);
    return this.#byId.push(entry);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const reply = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
      response.end(JSON.stringify(body));
    };
    if (this.missing !== undefined) {
      response.writeHead(404).end(this.missing);
      return;
    }
    if (this.failure !== undefined) return reply(this.failure, { error_code: this.failure, message: 'Out of order' });
    if (this.#authorization !== undefined && request.headers.authorization !== this.#authorization) {
      return reply(401, { error_code: 40101, message: 'Unauthorized' });
    }
    const [, first, second, third, fourth] = (request.url ?? '').split('/').map(decodeURIComponent);
    if (request.method === 'POST' && first === 'subjects' && third === 'versions') {
      return reply(200, { id: this.register(second ?? '', JSON.parse(Buffer.concat(chunks).toString()) as Entry) });
    }
    if (first === 'schemas' && second === 'ids') {
      this.asked++;
      const entry = this.#byId[Number(third) - 1];
      return entry === undefined ? reply(404, { error_code: 40403, message: 'Schema not found' }) : reply(200, entry);
    }
    const entry = this.#bySubject.get(second ?? '')?.[Number(fourth) - 1];
    return entry === undefined ? reply(404, { error_code: 40402, message: 'Version not found' }) : reply(200, entry);
  }
}

/** A message as Confluent's serializers frame it. */
export function framed(id: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(id, 1);
  return Buffer.concat([header, body]);
}

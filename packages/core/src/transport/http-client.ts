import { isIPv6, type Socket } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { AddressMap } from './address-map.js';
import { anonymous, withoutCredentials, type Authorization } from './authorization.js';
import { TlsClient } from './tls-client.js';
import { plainRefused, tlsFailed, tlsTrouble } from './tls-trouble.js';

/** A request to a Druid server. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Scheme, host and port, as Druid tells them: `http://127.0.0.1:8090`. */
  readonly origin: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** The longest silence, in milliseconds, until the answer has begun, and again between its parts. */
  readonly timeout: number;
  readonly signal?: AbortSignal;
}

/** A whole answer. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The text as an error may show it: without our credentials, should the server repeat them. */
  readonly words: string;
}

export interface HttpClientOptions {
  /** Sent with every request, to overlords and tasks alike. */
  readonly authorization?: Authorization;
  readonly tls?: TlsClient;
  /** What the names of the properties begin with that `tls` comes from, for errors. Default: `druid.tls`. */
  readonly tlsProperties?: string;
  /** Whether nothing is sent without TLS. Default: false. */
  readonly requiresTls?: boolean;
  readonly addresses?: AddressMap;
}

const connectTimeout = 5_000;
const connectionsPerServer = 2;

/** Keeps connections to Druid's servers: two a server, as Tranquility does. No redirect is followed. */
export class HttpClient {
  /** Whether nothing is sent without TLS. */
  readonly requiresTls: boolean;
  readonly #agent: Agent;
  readonly #authorization: Authorization;
  readonly #addresses: AddressMap;
  readonly #tlsProperties: string;

  constructor(options: HttpClientOptions = {}) {
    const { authorization = anonymous, tls = new TlsClient(), requiresTls = false } = options;
    this.requiresTls = requiresTls;
    this.#authorization = authorization;
    this.#tlsProperties = options.tlsProperties ?? 'druid.tls';
    this.#addresses = options.addresses ?? new AddressMap();
    this.#agent = new Agent({ connections: connectionsPerServer, connect: connector(tls, this.#addresses) });
  }

  /** Whether requests carry anything that shows who we are. */
  get sendsCredentials(): boolean {
    return this.#authorization !== anonymous;
  }

  /** How we show who we are, for the error of a server that does not like it. */
  get credentials(): string {
    return this.#authorization.description;
  }

  /**
   * Any status is an answer.
   * @throws TRQ_TLS_FAILED, or what undici throws when no whole answer comes: refused, reset, timed out, aborted.
   */
  async request(request: HttpRequest): Promise<HttpResponse> {
    const { method, path } = request;
    const { origin } = this.#addresses.route(request.origin);
    if (this.requiresTls && !origin.startsWith('https:')) throw plainRefused(origin);
    const credentials = await this.#authorization.headersFor({ method, origin, path }, request.signal);
    try {
      const response = await this.#agent.request({
        origin,
        path,
        method,
        headers: { 'user-agent': 'tranquility-js', accept: 'application/json', ...credentials, ...request.headers },
        body: request.body ?? null,
        headersTimeout: request.timeout,
        bodyTimeout: request.timeout,
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      });
      const text = await response.body.text();
      const { statusCode: status, headers } = response;
      return {
        status,
        headers,
        text,
        get words() {
          return withoutCredentials(text, credentials);
        },
      };
    } catch (error) {
      const trouble = tlsTrouble(error, this.#tlsProperties);
      throw trouble === undefined ? error : tlsFailed(origin, trouble, error);
    }
  }

  /** Ends all connections; what is under way fails. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** Connects to where a server is reached, and checks its certificate for the name that it has. */
function connector(tls: TlsClient, addresses: AddressMap): buildConnector.connector {
  const plain = buildConnector({ timeout: connectTimeout });
  return (options, callback) => {
    const { protocol, hostname } = options;
    const { through } = addresses.route(originOf(options));
    const there = through === undefined ? options : { ...options, hostname: through.host, port: String(through.port) };
    if (protocol !== 'https:') {
      plain(there, callback);
      return;
    }
    const secure = tls.optionsFor(hostname);
    buildConnector({ timeout: connectTimeout, ...secure })({ ...there, servername: secure.servername }, (...result) => {
      if (result[0] === null) keepFirstError(result[1]);
      callback(...result);
    });
  };
}

/**
 * A server that does not like our certificate says so with an alert, and ends the connection. As undici knows of the end only,
 * the alert is made its cause.
 */
function keepFirstError(socket: Socket): void {
  let first: Error | undefined;
  socket.on('error', (error) => {
    if (first !== undefined && error !== first) error.cause ??= first;
    first ??= error;
  });
}

function originOf({ protocol, hostname, port }: buildConnector.Options): string {
  return new URL(`${protocol}//${isIPv6(hostname) ? `[${hostname}]` : hostname}:${port}`).origin;
}

import { Agent } from 'undici';

/** A request to a Druid server. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Scheme, host and port: `http://127.0.0.1:8090`. */
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
}

export interface HttpClientOptions {
  /** Sent with every request, to overlords and tasks alike. */
  readonly headers?: Readonly<Record<string, string>>;
}

const connectTimeout = 5_000;
const connectionsPerServer = 2;

/** Keeps connections to Druid's servers: two a server, as Tranquility does. */
export class HttpClient {
  readonly #agent = new Agent({ connections: connectionsPerServer, connect: { timeout: connectTimeout } });
  readonly #headers: Readonly<Record<string, string>>;

  constructor(options: HttpClientOptions = {}) {
    this.#headers = { 'user-agent': 'tranquility-js', accept: 'application/json', ...options.headers };
  }

  /** Throws what undici throws when no whole answer comes: refused, reset, timed out, aborted. Any status is an answer. */
  async request(request: HttpRequest): Promise<HttpResponse> {
    const response = await this.#agent.request({
      origin: request.origin,
      path: request.path,
      method: request.method,
      headers: { ...this.#headers, ...request.headers },
      body: request.body ?? null,
      headersTimeout: request.timeout,
      bodyTimeout: request.timeout,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
  }

  /** Ends all connections; what is under way fails. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

import { messageOf, TranquilityError } from '@tranquility-js/core';
import {
  HttpClient,
  retry,
  systemClock,
  TlsClient,
  type HttpResponse,
  type TlsMaterial,
} from '@tranquility-js/core/internal';
import type { RegisteredSchema, SchemaType } from './registered-schema.js';

export interface SchemaRegistryOptions {
  /** Where the registry is, such as `https://registry:8081`; several for one that is reached in several places. A path is kept. */
  readonly urls: string | readonly string[];
  /** Sent with each request, as basic authentication or as a bearer token. */
  readonly credentials?: { readonly user: string; readonly password: string } | { readonly token: string };
  /** Whom we trust, and who we are; default: those whom Node trusts, and nobody. */
  readonly tls?: TlsMaterial;
  /** What the names of the properties begin with that `tls` comes from, for errors; default `registry.tls`. */
  readonly tlsProperties?: string;
  /** How long a schema is tried for before `TRQ_REGISTRY_UNREACHABLE`, in milliseconds; default 10 seconds. */
  readonly retryMillis?: number;
  /** How long one request may be silent, in milliseconds; default 5 seconds. */
  readonly timeoutMillis?: number;
}

/** The most schemas that one may refer to, so that a circle of them ends. */
const mostReferences = 200;
const accept = 'application/vnd.schemaregistry.v1+json, application/json';

/** Asks a Confluent-compatible registry for schemas. It only reads. */
export class SchemaRegistry {
  readonly #first: URL;
  readonly #urls: readonly URL[];
  readonly #http: HttpClient;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #retryMillis: number;
  readonly #timeout: number;
  readonly #closing = new AbortController();

  /** @throws TRQ_CONFIG_INVALID for an address that is no URL. */
  constructor(options: SchemaRegistryOptions) {
    const {
      urls,
      credentials,
      tls,
      tlsProperties = 'registry.tls',
      retryMillis = 10_000,
      timeoutMillis = 5_000,
    } = options;
    const [first, ...others] = (typeof urls === 'string' ? urls.split(',') : urls).map(addressOf);
    if (first === undefined) throw new TranquilityError('TRQ_CONFIG_INVALID', 'The schema registry has no address.');
    this.#first = first;
    this.#urls = [first, ...others];
    this.#http = new HttpClient({ tlsProperties, tls: new TlsClient(tls) });
    this.#headers = { accept, ...(credentials === undefined ? {} : { authorization: authorizationOf(credentials) }) };
    this.#retryMillis = retryMillis;
    this.#timeout = timeoutMillis;
  }

  /**
   * The schema of an id, with all that it refers to.
   * @returns `undefined` when the registry does not have it; why it cannot be used, in words for the user.
   * @throws TRQ_REGISTRY_UNREACHABLE when there was no answer in time; TRQ_REGISTRY_REFUSED, TRQ_TLS_FAILED.
   */
  async schema(id: number): Promise<RegisteredSchema | string | undefined> {
    const answer = await this.#get(`/schemas/ids/${id}`);
    if (answer === undefined) return undefined;
    // A registry says nothing of the type of Avro.
    const type = answer['schemaType'] ?? 'AVRO';
    if (!isKnown(type)) return `It is of the type ${JSON.stringify(type)}, which is not known.`;
    const references = new Map<string, string>();
    // JSON is not checked against its schema, so that nobody asks what that refers to.
    const fault = type === 'JSON' ? undefined : await this.#collect(answer, references, new Set());
    return (
      fault ?? {
        type,
        schema: textOf(answer, 'schema'),
        references: [...references].map(([name, schema]) => ({ name, schema })),
      }
    );
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#closing.abort(new TranquilityError('TRQ_ABORTED', 'The client of the schema registry was closed.'));
    await this.#http.close();
  }

  /** Collects what a schema refers to, behind what that refers to. @returns why that is not possible. */
  async #collect(answer: Answer, found: Map<string, string>, visited: Set<string>): Promise<string | undefined> {
    const list = Array.isArray(answer['references']) ? (answer['references'] as Answer[]) : [];
    for (const reference of list) {
      const name = textOf(reference, 'name');
      const path = `/subjects/${encodeURIComponent(textOf(reference, 'subject'))}/versions/${Number(reference['version'])}`;
      if (visited.has(name)) continue;
      visited.add(name);
      if (visited.size > mostReferences) return `It refers to more than ${mostReferences} others.`;
      const referred = await this.#get(path);
      if (referred === undefined) return `It refers to ${path}, which the registry does not have.`;
      const fault = await this.#collect(referred, found, visited);
      if (fault !== undefined) return fault;
      found.set(name, textOf(referred, 'schema'));
    }
    return undefined;
  }

  /** `undefined` for what is not there. */
  #get(path: string): Promise<Answer | undefined> {
    let turn = 0;
    return retry(() => this.#ask(this.#urls[turn++ % this.#urls.length] ?? this.#first, path), {
      clock: systemClock,
      deadline: systemClock.now() + this.#retryMillis,
      signal: this.#closing.signal,
    });
  }

  async #ask(base: URL, path: string): Promise<Answer | undefined> {
    const { origin } = base;
    const whole = base.pathname.replace(/\/+$/, '') + path;
    const where = origin + whole;
    let response: HttpResponse;
    try {
      response = await this.#http.request({
        method: 'GET',
        origin,
        path: whole,
        headers: this.#headers,
        timeout: this.#timeout,
        signal: this.#closing.signal,
      });
    } catch (error) {
      if (error instanceof TranquilityError) throw error;
      throw unreachable(`The schema registry does not answer at ${where}: ${messageOf(error)}`, error);
    }
    const { status } = response;
    if (status === 404 && saysNotThere(objectIn(response.text))) return undefined;
    if (status === 401 || status === 403) {
      throw refused(`The schema registry does not let us read ${where} (status ${status}). Check its credentials.`);
    }
    if (status === 429 || status >= 500) {
      throw unreachable(`The schema registry answered ${status} at ${where}: ${response.words.slice(0, 200)}`);
    }
    const answer = status === 200 ? objectIn(response.text) : undefined;
    if (answer?.['schema'] === undefined) {
      throw refused(
        `What answers at ${where} is no schema registry: status ${status}, ${response.words.slice(0, 200)}. Check its address, and the path in it.`,
      );
    }
    return answer;
  }
}

type Answer = Readonly<Record<string, unknown>>;

function objectIn(text: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Answer) : undefined;
  } catch {
    return undefined;
  }
}

/** No subject, no version, no schema. */
const notThere: readonly unknown[] = [40401, 40402, 40403];

/** Whether a registry says that it has no such schema: any server answers 404 to a path that it does not know. */
function saysNotThere(answer: Answer | undefined): boolean {
  const code = answer?.['error_code'];
  // As Apicurio says it.
  return notThere.includes(code) || (code === 404 && String(answer?.['name']).endsWith('NotFoundException'));
}

const isKnown = (type: unknown): type is SchemaType => type === 'AVRO' || type === 'PROTOBUF' || type === 'JSON';

function textOf(answer: Answer, key: string): string {
  const value = answer[key];
  if (typeof value === 'string') return value;
  throw refused(`An answer of the schema registry has no ${key}.`);
}

function addressOf(text: string): URL {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new TranquilityError(
      'TRQ_CONFIG_INVALID',
      `The address of the schema registry is ${JSON.stringify(text)}. Give a URL such as "http://registry:8081".`,
    );
  }
  return url;
}

function authorizationOf(credentials: NonNullable<SchemaRegistryOptions['credentials']>): string {
  if ('token' in credentials) return `Bearer ${credentials.token}`;
  return `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
}

function unreachable(message: string, cause?: unknown): TranquilityError {
  return new TranquilityError('TRQ_REGISTRY_UNREACHABLE', message, cause === undefined ? {} : { cause });
}

function refused(message: string): TranquilityError {
  return new TranquilityError('TRQ_REGISTRY_REFUSED', message);
}

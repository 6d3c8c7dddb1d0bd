import { createHmac, randomBytes } from 'node:crypto';
import { messageOf, type Logger } from '@tranquility-js/core';
import { Problem } from '../post/problem.js';
import type { Client, ClientFile } from './clients.js';
import { PasswordHash } from './password-hash.js';

/** How many passwords are checked at a time, and how many wait for it: each check costs CPU on purpose. */
const mostChecks = 2;
const mostWaiting = 64;

/** How long a password that was right is known, in milliseconds. */
const knownMillis = 300_000;

/** Finds out who asks: by `Basic` with name and password, or by `Bearer` with `name.password`. */
export class Authentication {
  readonly #file: ClientFile;
  readonly #logger: Logger;
  /** Of this process alone: what is kept of passwords says nothing without it. */
  readonly #secret = randomBytes(32);
  readonly #known = new Map<string, { readonly client: Client; readonly until: number }>();
  /** Checked where there is no client of the name, so that an answer takes as long. */
  readonly #nobody = PasswordHash.of(randomBytes(16).toString('hex'));
  readonly #waiting: (() => void)[] = [];
  #checks = 0;

  constructor(file: ClientFile, logger: Logger) {
    this.#file = file;
    this.#logger = logger;
  }

  /** @throws Problem 401 for nobody we know; 429 when too many ask with passwords that are not known. */
  async clientOf(header: string | undefined): Promise<Client> {
    await this.#refresh();
    const credentials = readCredentials(header);
    if (credentials === undefined) throw refused('Say who you are: Authorization: Basic, or Bearer');
    const { name, password } = credentials;
    const key = createHmac('sha256', this.#secret).update(`${name}\n${password}`).digest('base64');
    const known = this.#known.get(key);
    if (known !== undefined && known.until > performance.now() && this.#file.find(name) === known.client) {
      return known.client;
    }
    const client = this.#file.find(name);
    const hash = client?.hash ?? (await this.#nobody);
    const isRight = await this.#inTurn(() => hash.matches(password));
    if (client === undefined || !isRight) throw refused('Name or password are wrong');
    if (this.#known.size >= 10_000) this.#known.clear();
    this.#known.set(key, { client, until: performance.now() + knownMillis });
    return client;
  }

  async #refresh(): Promise<void> {
    try {
      if (await this.#file.refresh()) {
        this.#known.clear();
        this.#logger.info('The file of clients has changed and was read again');
      }
    } catch (error) {
      this.#logger.error(`The file of clients was not read again; those who were known are. ${messageOf(error)}`);
    }
  }

  async #inTurn<T>(check: () => Promise<T>): Promise<T> {
    if (this.#checks >= mostChecks) {
      if (this.#waiting.length >= mostWaiting) throw new Problem(429, 'Too many ask with passwords that are not known');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#checks++;
    }
    try {
      return await check();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#checks--;
      else next();
    }
  }
}

/** Whether a client may post to a dataSource. */
export function mayPostTo({ dataSources }: Client, dataSource: string): boolean {
  return dataSources.some((name) =>
    name.endsWith('*') ? dataSource.startsWith(name.slice(0, -1)) : name === dataSource,
  );
}

function readCredentials(header = ''): { readonly name: string; readonly password: string } | undefined {
  const [, scheme = '', content = ''] = /^(\w+) +(\S+)$/.exec(header) ?? [];
  const isBasic = scheme.toLowerCase() === 'basic';
  if (!isBasic && scheme.toLowerCase() !== 'bearer') return undefined;
  const text = isBasic ? Buffer.from(content, 'base64').toString() : content;
  const at = text.indexOf(isBasic ? ':' : '.');
  return at < 1 || text.length > 1024 ? undefined : { name: text.slice(0, at), password: text.slice(at + 1) };
}

const refused = (message: string): Problem =>
  new Problem(401, message, { headers: { 'www-authenticate': 'Basic realm="tranquility", charset="UTF-8"' } });

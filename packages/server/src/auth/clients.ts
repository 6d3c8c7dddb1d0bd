import { readFile, stat } from 'node:fs/promises';
import { messageOf, TranquilityError } from '@tranquility-js/core';
import { PasswordHash } from './password-hash.js';

/** Somebody who may use the server. */
export interface Client {
  readonly name: string;
  readonly hash: PasswordHash;
  /** Names; `*` at the end of one stands for any that begins so. */
  readonly dataSources: readonly string[];
  /** Whether it may see `/metrics` and `/v1/status`. */
  readonly monitor: boolean;
}

/** A file of clients: `{"clients": [{"name", "hash", "dataSources": ["flights", "web-*"], "monitor": true}]}`. Read again when it has changed. */
export class ClientFile {
  readonly #path: string;
  #clients: ReadonlyMap<string, Client>;
  #version: string;
  #looked = 0;
  /** Why it could not be read when it was looked at last. */
  #problem: string | undefined;

  private constructor(path: string, clients: ReadonlyMap<string, Client>, version: string) {
    this.#path = path;
    this.#clients = clients;
    this.#version = version;
  }

  /** @throws TRQ_CONFIG_INVALID that names the file and what is wrong in it. */
  static async open(path: string): Promise<ClientFile> {
    // First: what changes from here on is read again.
    const version = await versionOf(path);
    return new ClientFile(path, await read(path), version);
  }

  find(name: string): Client | undefined {
    return this.#clients.get(name);
  }

  /**
   * Looks whether the file has changed, at most once a second.
   * @returns whether it was read again.
   * @throws as `open`, once while the problem is the same; the clients are as they were, and it is tried again.
   */
  async refresh(): Promise<boolean> {
    const now = performance.now();
    if (now - this.#looked < 1000) return false;
    this.#looked = now;
    try {
      const isNew = await this.#readIfNew();
      this.#problem = undefined;
      return isNew;
    } catch (error) {
      const problem = messageOf(error);
      if (problem === this.#problem) return false;
      this.#problem = problem;
      throw error;
    }
  }

  async #readIfNew(): Promise<boolean> {
    const version = await versionOf(this.#path);
    if (version === this.#version) return false;
    this.#clients = await read(this.#path);
    this.#version = version;
    return true;
  }
}

async function versionOf(path: string): Promise<string> {
  try {
    const { mtimeMs, ctimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
  } catch (error) {
    throw fault(path, `cannot be read: ${messageOf(error)}`);
  }
}

async function read(path: string): Promise<ReadonlyMap<string, Client>> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw fault(path, `cannot be read: ${messageOf(error)}`);
  }
  const list = (value as { readonly clients?: unknown } | null)?.clients;
  if (!Array.isArray(list) || list.length === 0)
    throw fault(path, 'has no list "clients" with at least one client in it');
  const clients = new Map<string, Client>();
  for (const [at, entry] of (list as unknown[]).entries()) {
    const client = clientOf(entry, (problem) => fault(path, `clients[${at}] ${problem}`));
    if (clients.has(client.name)) throw fault(path, `clients[${at}] is a second one named "${client.name}"`);
    clients.set(client.name, client);
  }
  return clients;
}

function clientOf(entry: unknown, faultOf: (problem: string) => TranquilityError): Client {
  const { name, hash, dataSources = [], monitor = false } = (entry ?? {}) as Record<string, unknown>;
  if (typeof name !== 'string' || !/^[\w-]{1,64}$/.test(name)) {
    throw faultOf('has no "name" of letters, digits, "_" and "-"');
  }
  const parsed = typeof hash === 'string' ? PasswordHash.parse(hash) : undefined;
  if (parsed === undefined) throw faultOf(`("${name}") has no "hash". Make one: tranquility server --hash`);
  if (!isTexts(dataSources)) throw faultOf(`("${name}") has "dataSources" that are no list of names`);
  if (typeof monitor !== 'boolean') throw faultOf(`("${name}") has a "monitor" that is neither true nor false`);
  return { name, hash: parsed, dataSources, monitor };
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((text) => typeof text === 'string');

function fault(path: string, problem: string): TranquilityError {
  return new TranquilityError('TRQ_CONFIG_INVALID', `http.auth.path: the file ${path} ${problem}.`, {
    details: { property: 'http.auth.path', path },
  });
}

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { TranquilityError } from '../errors/tranquility-error.js';
import type { RequestOptions } from './request.js';
import type { Session } from './session-keeper.js';
import type { ZooKeeperClient } from './zookeeper-client.js';
import { reasonOf } from './zookeeper-error.js';

/** Who we are, for whoever looks for the holder of a lock. */
const owner = Buffer.from(`${hostname()} (process ${process.pid})`);

/**
 * An ephemeral sequential node whose name begins with an id of our own, as Curator's protected mode makes it: when the connection
 * breaks while it is created, it is found again by the id, and never left behind.
 */
export class ProtectedNode {
  readonly #client: ZooKeeperClient;
  readonly #session: Session;
  readonly #parent: string;
  readonly #kind: string;
  readonly #prefix = `_c_${randomUUID()}-`;
  #name: string | undefined;

  /** @param kind what stands between the id and the number: `lock-`. */
  constructor(client: ZooKeeperClient, session: Session, parent: string, kind: string) {
    this.#client = client;
    this.#session = session;
    this.#parent = parent;
    this.#kind = kind;
  }

  /** Creates the node, and its parents, and gives its name. */
  async create(options: RequestOptions): Promise<string> {
    for (;;) {
      try {
        const path = `${this.#parent}/${this.#prefix}${this.#kind}`;
        const created = await this.#client.create(path, owner, 'ephemeralSequential', options);
        return (this.#name = created.slice(this.#parent.length + 1));
      } catch (error) {
        const reason = reasonOf(error);
        if (reason === 'NO_NODE') await this.#client.ensure(this.#parent, options);
        else if (reason !== 'CONNECTION_LOSS') throw error;
        const found = await this.#find(options);
        if (found !== undefined) return found;
      }
    }
  }

  /** Removes the node, if it was created at all. Tries for as long as the session lives: after that it is gone anyway. */
  async remove(): Promise<void> {
    const { signal } = this.#session;
    while (!signal.aborted) {
      try {
        const name = this.#name ?? (await this.#find({ signal }));
        if (name !== undefined) await this.#client.remove(`${this.#parent}/${name}`, { signal });
        return;
      } catch (error) {
        if (!(error instanceof TranquilityError && error.retryable)) throw error;
      }
    }
  }

  async #find(options: RequestOptions): Promise<string | undefined> {
    await this.#client.sync(this.#parent, options);
    const names = (await this.#client.getChildren(this.#parent, options)) ?? [];
    return (this.#name = names.find((name) => name.startsWith(this.#prefix)));
  }
}

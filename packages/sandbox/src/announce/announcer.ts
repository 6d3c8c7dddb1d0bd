import { randomUUID } from 'node:crypto';
import { ZooKeeperClient } from '@tranquility-js/core/internal';
import { namesOf } from '../overlord/peon.js';

export interface AnnounceOptions {
  /** `host:port,host:port/chroot`. */
  readonly connect: string;
  /** Where services are announced. Default `/druid/discovery`. */
  readonly path?: string;
}

const sessionTimeout = 30_000;

/** Announces services in a ZooKeeper as Druid does, by Curator's discovery. They vanish with the session. */
export class Announcer {
  readonly #client: ZooKeeperClient;
  readonly #path: string;
  readonly #nodes = new Map<string, string>();
  #last: Promise<unknown> = Promise.resolve();
  #failure: Error | undefined;

  constructor({ connect, path = '/druid/discovery' }: AnnounceOptions) {
    this.#client = new ZooKeeperClient({ connect, timeout: sessionTimeout });
    this.#path = path;
  }

  /** A service under its name, and under what stands behind its last colon. */
  announce(serviceName: string, host: string, port: number): void {
    for (const name of namesOf(serviceName)) this.#do(() => this.#create(name, host, port));
  }

  withdraw(serviceName: string, port: number): void {
    for (const name of namesOf(serviceName)) {
      this.#do(async () => {
        const node = this.#nodes.get(`${name} ${port}`);
        if (node === undefined) return;
        this.#nodes.delete(`${name} ${port}`);
        await this.#client.remove(node);
      });
    }
  }

  /** @throws what went wrong with the last announcements. */
  async settled(): Promise<void> {
    await this.#last;
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#client.close();
  }

  #do(work: () => Promise<void>): void {
    this.#last = this.#last.then(work).catch((error: unknown) => {
      this.#failure = error instanceof Error ? error : new Error(String(error));
    });
  }

  async #create(name: string, host: string, port: number): Promise<void> {
    const id = randomUUID();
    const parent = `${this.#path}/${name.replaceAll('/', ':')}`;
    const node = `${parent}/${id}`;
    const instance = {
      name: name.replaceAll('/', ':'),
      id,
      address: host,
      port,
      sslPort: -1,
      payload: null,
      registrationTimeUTC: Date.now(),
      serviceType: 'DYNAMIC',
      uriSpec: null,
    };
    await this.#client.ensure(parent);
    await this.#client.create(node, Buffer.from(JSON.stringify(instance)), 'ephemeral');
    this.#nodes.set(`${name} ${port}`, node);
  }
}

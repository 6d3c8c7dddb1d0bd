import { messageOf, TranquilityError } from '@tranquility-js/core';
import { reasonOf, type ZooKeeperClient } from '@tranquility-js/core/internal';
import type { Lease } from './lease.js';
import { changed, isAsSeen, type LeaseChange, type LeaseStore } from './lease-store.js';
import { dataOf, leaseIn } from './lease-nodes.js';

/** What of a client of ZooKeeper a ledger needs. */
export type Znodes = Pick<
  ZooKeeperClient,
  'create' | 'ensure' | 'getChildren' | 'getData' | 'remove' | 'setData' | 'sync'
>;

interface Found {
  readonly lease: Lease;
  readonly version: number;
}

/** What a write makes of a node. */
interface Written {
  readonly leaseKey: string;
  readonly data: Buffer;
  readonly version: number;
}

/**
 * A ledger in ZooKeeper: below the stream's node one for each lease. Each write names the version of the data that it was decided from, and is
 * refused where there is a newer one. No version is remembered: those of a node that is removed and made again begin anew. Nodes are not ephemeral, as a lease holds the place in its shard longer than any owner lives; and owners
 * are judged by their counters, as in every ledger: a session may outlive a process that hangs, and end while another one reads on.
 */
export class ZooKeeperLeaseStore implements LeaseStore {
  readonly #nodes: Znodes;
  readonly #path: string;

  /** @param path of the stream's node. */
  constructor(nodes: Znodes, path: string) {
    this.#nodes = nodes;
    this.#path = path;
  }

  open(signal?: AbortSignal): Promise<void> {
    return this.#doing(() => this.#nodes.ensure(this.#path, { signal }));
  }

  list(): Promise<Lease[]> {
    return this.#doing(async () => {
      await this.#catchUp();
      const keys = await this.#nodes.getChildren(this.#path);
      if (keys === undefined) throw this.#removed();
      const found = await Promise.all(keys.map((leaseKey) => this.#find(leaseKey)));
      return found.flatMap((node) => node?.lease ?? []);
    });
  }

  get(leaseKey: string): Promise<Lease | undefined> {
    return this.#doing(async () => {
      await this.#catchUp();
      return (await this.#find(leaseKey))?.lease;
    });
  }

  create(lease: Lease): Promise<boolean> {
    const { leaseKey } = lease;
    const data = dataOf(lease);
    return this.#doing(() =>
      this.#isDone({ leaseKey, data, version: 0 }, 'NODE_EXISTS', () =>
        this.#nodes.create(this.#pathOf(leaseKey), data, 'persistent'),
      ),
    );
  }

  change(seen: Lease, change: LeaseChange): Promise<Lease | undefined> {
    return this.#update(seen.leaseKey, (lease) => (isAsSeen(lease, seen) ? changed(lease, change) : undefined));
  }

  async ask({ leaseKey, leaseOwner }: Lease, wantedBy: string): Promise<void> {
    await this.#update(leaseKey, (lease) =>
      lease.leaseOwner === leaseOwner && lease.wantedBy === undefined ? { ...lease, wantedBy } : undefined,
    );
  }

  remove(seen: Lease): Promise<void> {
    return this.#doing(async () => {
      const found = await this.#find(seen.leaseKey);
      if (found === undefined || !isAsSeen(found.lease, seen)) return;
      try {
        await this.#nodes.remove(this.#pathOf(seen.leaseKey), { version: found.version });
      } catch (error) {
        if (reasonOf(error) !== 'BAD_VERSION') throw error;
      }
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Writes what is made of a lease, until nobody was quicker. Ends where nothing is made of it. */
  #update(leaseKey: string, next: (lease: Lease) => Lease | undefined): Promise<Lease | undefined> {
    return this.#doing(async () => {
      for (;;) {
        const found = await this.#find(leaseKey);
        if (found === undefined) return undefined;
        const { version } = found;
        const lease = next(found.lease);
        if (lease === undefined) return undefined;
        const data = dataOf(lease);
        const written = { leaseKey, data, version: version + 1 };
        const write = (): Promise<unknown> => this.#nodes.setData(this.#pathOf(leaseKey), data, version);
        if (await this.#isDone(written, 'BAD_VERSION', write)) return lease;
        await this.#catchUp();
      }
    });
  }

  /**
   * Writes, and tells whether it is done. Where the connection breaks before the answer, the node tells that it was; that it was not, nobody can
   * tell.
   * @param beaten the reason for which it is not.
   */
  async #isDone(
    written: Written,
    beaten: 'BAD_VERSION' | 'NODE_EXISTS',
    write: () => Promise<unknown>,
  ): Promise<boolean> {
    try {
      await write();
      return true;
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === beaten || (reason === 'NO_NODE' && beaten === 'BAD_VERSION')) return false;
      if (reason === 'CONNECTION_LOSS' && (await this.#isThere(written))) return true;
      throw error;
    }
  }

  async #isThere({ leaseKey, data, version }: Written): Promise<boolean> {
    await this.#catchUp();
    const found = await this.#nodes.getData(this.#pathOf(leaseKey));
    return found?.stat.version === version && found.data.equals(data);
  }

  async #find(leaseKey: string): Promise<Found | undefined> {
    const found = await this.#nodes.getData(this.#pathOf(leaseKey));
    if (found === undefined) return undefined;
    try {
      return { lease: leaseIn(found.data, leaseKey), version: found.stat.version };
    } catch (error) {
      throw this.#foreign(this.#pathOf(leaseKey), error);
    }
  }

  /** What others have written counts from here on, whichever server we are connected to. */
  #catchUp(): Promise<void> {
    return this.#nodes.sync(this.#path);
  }

  #pathOf(leaseKey: string): string {
    return `${this.#path}/${leaseKey}`;
  }

  #foreign(path: string, error: unknown): TranquilityError {
    const message = `The node ${path} of ZooKeeper is no lease that we can read: ${messageOf(error)}. Choose another kinesis.leases.zookeeper.path or kinesis.leases.table, or remove what is not the connector’s.`;
    return new TranquilityError('TRQ_LEASES_REFUSED', message, { cause: error, details: { path } });
  }

  #removed(): TranquilityError {
    const path = this.#path;
    const message = `The node of leases ${path} of ZooKeeper was removed. Start the connector anew: its streams begin again as kinesis.start says.`;
    return new TranquilityError('TRQ_LEASES_REFUSED', message, { details: { path } });
  }

  async #doing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw problem(this.#path, error);
    }
  }
}

/** What ZooKeeper did not do, told of the leases. */
function problem(path: string, error: unknown): TranquilityError {
  const code = error instanceof TranquilityError ? error.code : undefined;
  if (error instanceof TranquilityError && error.code === 'TRQ_LEASES_REFUSED') return error;
  const about = { cause: error, details: { path } };
  return code === 'TRQ_ZOOKEEPER_REFUSED'
    ? new TranquilityError('TRQ_LEASES_REFUSED', `The leases below ${path} cannot be used. ${messageOf(error)}`, about)
    : new TranquilityError(
        'TRQ_LEASES_UNREACHABLE',
        `The leases below ${path} cannot be reached. ${messageOf(error)}`,
        about,
      );
}

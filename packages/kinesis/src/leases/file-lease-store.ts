import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, TranquilityError } from '@tranquility-js/core';
import { syncDirectory, systemFiles } from '@tranquility-js/core/internal';
import type { Lease } from './lease.js';
import type { LeaseChange, LeaseStore } from './lease-store.js';
import { MemoryLeaseStore } from './memory-lease-store.js';

/** A ledger in a file of JSON, for one process that comes back. Every change is on disk before it counts. */
export class FileLeaseStore implements LeaseStore {
  readonly #path: string;
  #last: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  open(): Promise<void> {
    return this.#write((leases) => leases.open());
  }

  list(): Promise<Lease[]> {
    return this.#read((leases) => leases.list());
  }

  get(leaseKey: string): Promise<Lease | undefined> {
    return this.#read((leases) => leases.get(leaseKey));
  }

  create(lease: Lease): Promise<boolean> {
    return this.#write((leases) => leases.create(lease));
  }

  change(seen: Lease, change: LeaseChange): Promise<Lease | undefined> {
    return this.#write((leases) => leases.change(seen, change));
  }

  ask(seen: Lease, wantedBy: string): Promise<void> {
    return this.#write((leases) => leases.ask(seen, wantedBy));
  }

  remove(seen: Lease): Promise<void> {
    return this.#write((leases) => leases.remove(seen));
  }

  async close(): Promise<void> {
    await this.#last;
  }

  #read<T>(work: (leases: MemoryLeaseStore) => Promise<T>): Promise<T> {
    return this.#alone(async () => work(await this.#load()));
  }

  #write<T>(work: (leases: MemoryLeaseStore) => Promise<T>): Promise<T> {
    return this.#alone(async () => {
      const leases = await this.#load();
      const result = await work(leases);
      await this.#save(await leases.list());
      return result;
    });
  }

  /** One after another: each begins with what the one before it has written. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #load(): Promise<MemoryLeaseStore> {
    try {
      return new MemoryLeaseStore(JSON.parse(await readFile(this.#path, 'utf8')) as Lease[]);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new MemoryLeaseStore();
      throw this.#failed('read', error);
    }
  }

  async #save(leases: readonly Lease[]): Promise<void> {
    const next = `${this.#path}.next`;
    try {
      await writeFile(next, `${JSON.stringify(leases, null, 2)}\n`, { flush: true });
      await rename(next, this.#path);
      await syncDirectory(systemFiles, dirname(this.#path));
    } catch (error) {
      throw this.#failed('written', error);
    }
  }

  #failed(what: string, error: unknown): TranquilityError {
    const message = `The file of leases ${this.#path} cannot be ${what}: ${messageOf(error)} Change kinesis.leases.file, or make it a file that we may read and write.`;
    return new TranquilityError('TRQ_LEASES_REFUSED', message, { cause: error, details: { path: this.#path } });
  }
}

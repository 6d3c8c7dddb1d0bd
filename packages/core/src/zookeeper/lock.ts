import { TranquilityError } from '../errors/tranquility-error.js';
import { timerMillis } from '../time/timer-millis.js';
import { ProtectedNode } from './protected-node.js';
import type { RequestOptions } from './request.js';
import type { Session } from './session-keeper.js';
import type { Watcher } from './watches.js';
import type { ZooKeeperClient } from './zookeeper-client.js';
import { lockLost, reasonOf } from './zookeeper-error.js';

/** A lock that we hold. */
export interface HeldLock {
  /** Aborts when the lock is lost, or may be: with TRQ_ZOOKEEPER_SESSION_EXPIRED. */
  readonly signal: AbortSignal;
  release(): Promise<void>;
}

/** How long to wait for the lock. */
interface Wait {
  /** As `performance.now()` tells the time. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

const lockKind = 'lock-';
const leaseKind = 'lease-';

/**
 * The lock that Tranquility takes: Curator's `InterProcessSemaphoreMutex`. Whoever is first in the queue under `locks` makes a
 * node under `leases`, waits until it is the only one there, and leaves the queue. It is fair, not re-entrant, and held until
 * it is released or the session ends.
 */
export class ZooKeeperLock {
  readonly #client: ZooKeeperClient;
  readonly #path: string;
  readonly #locks: string;
  readonly #leases: string;

  constructor(client: ZooKeeperClient, path: string) {
    this.#client = client;
    this.#path = path;
    this.#locks = `${path}/locks`;
    this.#leases = `${path}/leases`;
  }

  /**
   * Waits for the lock, over new sessions if need be.
   * @param timeout in milliseconds.
   * @throws TRQ_ZOOKEEPER_LOCKED when others hold it for so long, and what requests to ZooKeeper throw. Our nodes are gone then,
   * or go as soon as ZooKeeper is reached.
   */
  async acquire(timeout: number, signal?: AbortSignal): Promise<HeldLock> {
    const wait = { deadline: performance.now() + timeout, signal };
    for (;;) {
      try {
        return await this.#acquire(await this.#client.session(requestOptions(wait)), wait);
      } catch (error) {
        if (reasonOf(error) !== 'SESSION_EXPIRED' || performance.now() >= wait.deadline) throw error;
      }
    }
  }

  async #acquire(session: Session, { deadline, signal }: Wait): Promise<HeldLock> {
    const wait = {
      deadline,
      signal: signal === undefined ? session.signal : AbortSignal.any([signal, session.signal]),
    };
    const turn = new ProtectedNode(this.#client, session, this.#locks, lockKind);
    const lease = new ProtectedNode(this.#client, session, this.#leases, leaseKind);
    try {
      const turnName = await turn.create(requestOptions(wait));
      await this.#until(wait, (watch) => this.#isFirst(turnName, wait, watch));
      const leaseName = await lease.create(requestOptions(wait));
      await this.#until(wait, (watch) => this.#isOnly(leaseName, wait, watch));
      await turn.remove();
      session.signal.throwIfAborted();
      return { signal: session.signal, release: () => lease.remove() };
    } catch (error) {
      // The caller shall not wait for ZooKeeper to come back; if even that fails, the nodes end with the session.
      for (const node of [turn, lease]) node.remove().catch(() => undefined);
      throw error;
    }
  }

  async #isFirst(own: string, wait: Wait, watch: Watcher): Promise<boolean> {
    const queue = ((await this.#client.getChildren(this.#locks, requestOptions(wait))) ?? [])
      .filter((name) => name.includes(lockKind))
      .sort((a, b) => (numberOf(a) < numberOf(b) ? -1 : 1));
    const place = queue.indexOf(own);
    if (place === -1) throw lockLost(`${this.#locks}/${own}`);
    const before = queue[place - 1];
    if (before === undefined) return true;
    const options = { ...requestOptions(wait), watch };
    if ((await this.#client.getData(`${this.#locks}/${before}`, options)) === undefined) watch();
    return false;
  }

  async #isOnly(own: string, wait: Wait, watch: Watcher): Promise<boolean> {
    const leases = (await this.#client.getChildren(this.#leases, { ...requestOptions(wait), watch })) ?? [];
    if (!leases.includes(own)) throw lockLost(`${this.#leases}/${own}`);
    return leases.length === 1;
  }

  /** Looks again whenever something changed, until the answer is yes. */
  async #until(wait: Wait, look: (watch: Watcher) => Promise<boolean>): Promise<void> {
    for (;;) {
      let watch: Watcher = () => undefined;
      const changed = new Promise<void>((resolve) => {
        watch = resolve;
      });
      if (await look(watch)) return;
      await this.#waitFor(changed, wait);
    }
  }

  async #waitFor(changed: Promise<void>, { deadline, signal }: Wait): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    let abort = (): void => undefined;
    const over = new Promise<'over'>((resolve, reject) => {
      timer = setTimeout(() => resolve('over'), timerMillis(deadline - performance.now()));
      abort = () => reject(signal?.reason as Error);
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted === true) abort();
    });
    try {
      if ((await Promise.race([changed, over])) === 'over') throw await this.#locked();
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  async #locked(): Promise<TranquilityError> {
    const options = { timeout: 1_000 };
    const holders: string[] = [];
    for (const name of (await this.#client.getChildren(this.#leases, options).catch(() => [])) ?? []) {
      const path = `${this.#leases}/${name}`;
      const node = await this.#client.getData(path, options).catch(() => undefined);
      if (node !== undefined) holders.push(`${node.data.toString()} through ${path}`);
    }
    return new TranquilityError(
      'TRQ_ZOOKEEPER_LOCKED',
      `The lock ${this.#path} in ZooKeeper was not ours in time. It is held by ${holders.join('; ') || 'nobody now'}.`,
      { details: { path: this.#path, holders } },
    );
  }
}

const numberOf = (name: string): string => name.slice(name.lastIndexOf(lockKind) + lockKind.length);

function requestOptions({ deadline, signal }: Wait): RequestOptions {
  return { timeout: Math.max(1, deadline - performance.now()), signal };
}

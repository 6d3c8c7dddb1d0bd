import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { beginningOf } from '../src/leases/beginning.js';
import { HeldLease } from '../src/leases/held-lease.js';
import type { Lease } from '../src/leases/lease.js';
import { LeaseKeeper } from '../src/leases/lease-keeper.js';
import { isAsSeen, type LeaseChange, type LeaseStore } from '../src/leases/lease-store.js';
import { MemoryLeaseStore } from '../src/leases/memory-lease-store.js';
import { newLease } from '../src/leases/shard-sync.js';
import { dataOf } from '../src/leases/lease-nodes.js';
import { ZooKeeperLeaseStore } from '../src/leases/zookeeper-lease-store.js';
import { Position } from '../src/position.js';
import { idOf, shard } from './support/shards.js';
import { ZnodeTree } from './support/znode-tree.js';

const failover = 3000;
const stepMillis = failover / 6;
const never = new AbortController().signal;

/** Who may write what, as the ledger sees it. */
class Ledger {
  readonly checkpoints: { readonly key: string; readonly by: string; readonly at: number }[] = [];
  readonly store: LeaseStore;

  constructor(store: LeaseStore) {
    this.store = store;
  }

  list(): Promise<Lease[]> {
    return this.store.list();
  }

  async change(seen: Lease, change: LeaseChange): Promise<Lease | undefined> {
    const before = await this.store.get(seen.leaseKey);
    const next = await this.store.change(seen, change);
    if (next !== undefined && change.checkpoint !== undefined) {
      expect(before !== undefined && isAsSeen(before, seen)).toBe(true);
      this.checkpoints.push({ key: seen.leaseKey, by: seen.leaseOwner ?? 'nobody', at: Number(next.checkpoint) });
    }
    return next;
  }
}

/** A ledger that a test begins with. */
type MakeStore = (leases: readonly Lease[]) => LeaseStore;

const inMemory: MakeStore = (leases) => new MemoryLeaseStore(leases);

const inZooKeeper: MakeStore = (leases) => {
  const tree = new ZnodeTree();
  tree.put('/leases', Buffer.alloc(0));
  for (const lease of leases) tree.put(`/leases/${lease.leaseKey}`, dataOf(lease));
  return new ZooKeeperLeaseStore(tree, '/leases');
};

/** What lies between a worker and the ledger. */
type Weather = 'fair' | 'request lost' | 'answer lost';

/** One instance, with a clock of its own. */
class Worker {
  readonly name: string;
  readonly keeper: LeaseKeeper;
  weather: Weather = 'fair';
  isPaused = false;

  constructor(name: string, ledger: Ledger, now: () => number, random: () => number) {
    this.name = name;
    const through =
      <A extends unknown[], T>(work: (...given: A) => Promise<T>) =>
      async (...given: A): Promise<T> => {
        if (this.weather === 'request lost') throw new Error('The request is lost.');
        const answer = await work(...given);
        if (this.weather === 'answer lost') throw new Error('The answer is lost.');
        return answer;
      };
    this.keeper = new LeaseKeeper({
      store: {
        open: () => ledger.store.open(),
        close: () => ledger.store.close(),
        list: through(() => ledger.list()),
        get: through((key: string) => ledger.store.get(key)),
        create: through((lease: Lease) => ledger.store.create(lease)),
        change: through((seen: Lease, change: LeaseChange) => ledger.change(seen, change)),
        ask: through((seen: Lease, by: string) => ledger.store.ask(seen, by)),
        remove: through((seen: Lease) => ledger.store.remove(seen)),
      },
      me: name,
      failoverMillis: failover,
      maxLeases: 100,
      isOurs: () => true,
      signal: never,
      now,
      random,
      completion: () => ({}),
      onGained: () => undefined,
      onWanted: (held) => {
        this.#leaving.push(held.release().catch(() => undefined));
      },
    });
  }

  readonly #leaving: Promise<unknown>[] = [];

  /** Reads one record more of each of its shards, and says so. */
  async work(): Promise<void> {
    for (const held of this.keeper.held) await this.#checkpoint(held);
  }

  async round(): Promise<void> {
    await this.keeper.round().catch(() => undefined);
    await Promise.all(this.#leaving.splice(0));
  }

  async #checkpoint(held: HeldLease): Promise<void> {
    const { checkpoint } = held.lease;
    const next = checkpoint === 'TRIM_HORIZON' ? 1 : Number(checkpoint) + 1;
    await held.checkpoint(new Position(String(next), 0)).catch(() => undefined);
  }
}

interface Step {
  readonly worker: number;
  readonly what: Weather | 'pause' | 'resume';
}

const steps = fc.array(
  fc.record({
    worker: fc.nat(2),
    what: fc.constantFrom<Step['what']>('fair', 'fair', 'request lost', 'answer lost', 'pause', 'resume', 'resume'),
  }),
  { maxLength: 60 },
);

const clocks = fc.array(
  fc.record({ offset: fc.nat(1_000_000), rate: fc.double({ min: 0.97, max: 1.03, noNaN: true }) }),
  {
    minLength: 3,
    maxLength: 3,
  },
);

interface Clock {
  readonly offset: number;
  readonly rate: number;
}

const freshLeases = (count: number): Lease[] =>
  Array.from({ length: count }, (_, at) => newLease(shard(at), 'TRIM_HORIZON'));

/** Of a shard that is read to its end. The library of Java keeps the owner's name on it. */
const finishedLease = (number: number, leaseOwner?: string): Lease => ({
  ...newLease(shard(number), 'TRIM_HORIZON'),
  ...{ checkpoint: 'SHARD_END', ...(leaseOwner === undefined ? {} : { leaseOwner }) },
});

/** One instance among others, with a clock that a test moves. */
const keeperOf = (
  store: LeaseStore,
  me: string,
  now: () => number,
  onGained = (): void => undefined,
  signal = never,
): LeaseKeeper =>
  new LeaseKeeper({
    ...{ store, me, failoverMillis: failover, maxLeases: 1000, now, random: seeded(1), completion: () => ({}) },
    ...{ isOurs: () => true, signal, onGained, onWanted: (held) => void held.release() },
  });

function world(make: MakeStore, leases: readonly Lease[], clocks: readonly Clock[], seed: number) {
  const ledger = new Ledger(make(leases));
  const time = { now: 0 };
  const random = seeded(seed);
  const workers = clocks.map(
    ({ offset, rate }, at) => new Worker(`worker ${at}`, ledger, () => offset + time.now * rate, random),
  );
  /** Lets time pass: each does its rounds, three in a fail-over time, and works before and after each. */
  const pass = async (millis: number, who: readonly Worker[] = workers): Promise<void> => {
    for (const end = time.now + millis; time.now < end; time.now += stepMillis) {
      const isRound = Math.round(time.now / stepMillis) % 2 === 0;
      for (const worker of who) {
        if (worker.isPaused) continue;
        // What was paused does not know it, and goes on where it was.
        await worker.work();
        if (isRound) await worker.round();
      }
    }
  };
  return { ledger, workers, pass };
}

function seeded(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x80000000;
  };
}

describe.each([
  ['in memory', inMemory],
  ['in ZooKeeper', inZooKeeper],
])('leases of several workers, %s,', (_, make) => {
  it('never let two write down one shard, whatever is paused or cut off, and are all held again within two fail-over times', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        clocks,
        steps,
        fc.integer(),
        fc.nat(2),
        async (count, rates, plan, seed, survivor) => {
          const { ledger, workers, pass } = world(make, freshLeases(count), rates, seed);
          for (const { worker: at, what } of plan) {
            const worker = workers[at];
            if (worker === undefined) continue;
            if (what === 'pause') worker.isPaused = true;
            else if (what === 'resume') worker.isPaused = false;
            else worker.weather = what;
            await pass(stepMillis);
          }
          // Each writes on from where the one before it was. Only whose answer was lost writes the same again.
          for (const { leaseKey } of await ledger.list()) {
            const written = ledger.checkpoints.filter(({ key }) => key === leaseKey);
            for (const [index, { at, by }] of written.entries()) {
              const before = written[index - 1];
              const isAgain = before?.by === by && before.at === at;
              expect(isAgain || at === (before?.at ?? 0) + 1).toBe(true);
            }
          }
          // One is left; whatever the others had is its.
          const left = workers[survivor];
          if (left === undefined) return;
          left.isPaused = false;
          left.weather = 'fair';
          await pass(2 * failover + stepMillis, [left]);
          expect(left.keeper.held.length).toBe(count);
          for (const { leaseOwner } of await ledger.list()) expect(leaseOwner).toBe(left.name);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are shared out evenly, beside those that are read to their end', async () => {
    const finished = fc.constantFrom([], [finishedLease(100)], [finishedLease(100), finishedLease(101, 'worker 0')]);
    const counts = fc.integer({ min: 1, max: 12 });
    await fc.assert(
      fc.asyncProperty(counts, finished, clocks, fc.integer(), async (count, read, rates, seed) => {
        const { workers, pass } = world(make, [...read, ...freshLeases(count)], rates, seed);
        const [first] = workers;
        if (first === undefined) return;
        await pass(failover, [first]);
        expect(first.keeper.held.length).toBe(count);
        await pass(failover * (count + 3));
        const held = workers.map(({ keeper }) => keeper.held.length);
        expect(held.reduce((sum, one) => sum + one)).toBe(count);
        expect(Math.max(...held)).toBe(Math.ceil(count / 3));
      }),
      { numRuns: 100 },
    );
  });

  it('go to who has asked for them, and to nobody else before the fail-over time is over', async () => {
    const owned = [1, 2, 3, 4, 5].map((number) => ({ ...newLease(shard(number), 'TRIM_HORIZON'), leaseOwner: 'rich' }));
    const store = make([{ ...newLease(shard(0), 'TRIM_HORIZON'), wantedBy: 'asker' }, ...owned]);
    let now = 100_000;
    const other = keeperOf(store, 'other', () => now);
    await other.round();
    now += failover - 1;
    await other.round();
    expect(await store.get(idOf(0))).toEqual({ ...newLease(shard(0), 'TRIM_HORIZON'), wantedBy: 'asker' });
    // It asks the one who has too many instead.
    expect((await store.list()).filter(({ wantedBy }) => wantedBy === 'other')).toHaveLength(1);
    await keeperOf(store, 'asker', () => now).round();
    expect((await store.get(idOf(0)))?.leaseOwner).toBe('asker');
  });

  it('one that was paused for too long has lost them, and writes nothing more', async () => {
    const { ledger, workers, pass } = world(
      make,
      freshLeases(4),
      [
        { offset: 0, rate: 1 },
        { offset: 500, rate: 1 },
      ],
      1,
    );
    const [slow, other] = workers;
    if (slow === undefined || other === undefined) return;
    await pass(failover, [slow]);
    const before = slow.keeper.held;
    slow.isPaused = true;
    await pass(2 * failover, [other]);
    const written = ledger.checkpoints.length;
    slow.isPaused = false;
    await slow.work();
    expect(ledger.checkpoints.length).toBe(written);
    expect(before.map(({ lost }) => lost.aborted)).toEqual([true, true, true, true]);
  });

  it('rounds that cross each other give each shard to one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer(), async (scheduler, seed) => {
        const ledger = make(freshLeases(5));
        const random = seeded(seed);
        const keepers = ['one', 'other'].map((me) => {
          const slow =
            <A extends unknown[], T>(work: (...given: A) => Promise<T>) =>
            async (...given: A): Promise<T> => {
              await scheduler.schedule(Promise.resolve());
              const answer = await work(...given);
              await scheduler.schedule(Promise.resolve());
              return answer;
            };
          return new LeaseKeeper({
            store: {
              open: () => ledger.open(),
              close: () => ledger.close(),
              list: slow(() => ledger.list()),
              get: slow((key: string) => ledger.get(key)),
              create: slow((lease: Lease) => ledger.create(lease)),
              change: slow((seen: Lease, change: LeaseChange) => ledger.change(seen, change)),
              ask: slow((seen: Lease, by: string) => ledger.ask(seen, by)),
              remove: slow((seen: Lease) => ledger.remove(seen)),
            },
            ...{ me, failoverMillis: failover, maxLeases: 100, now: () => 0, random },
            ...{ isOurs: () => true, signal: never },
            ...{ completion: () => ({}), onGained: () => undefined, onWanted: () => undefined },
          });
        });
        const rounds = Promise.all(keepers.map((keeper) => keeper.round()));
        await scheduler.waitFor(rounds);
        const held = keepers.flatMap((keeper) => keeper.held.map(({ lease }) => lease.leaseKey));
        expect(new Set(held).size).toBe(held.length);
        const owners = await ledger.list();
        for (const keeper of keepers) {
          for (const { lease } of keeper.held) {
            expect(owners.find(({ leaseKey }) => leaseKey === lease.leaseKey)?.leaseOwner).toBe(lease.leaseOwner);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('leases of a ledger that is slow', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are taken in several rounds, and none is lost meanwhile', async () => {
    vi.useFakeTimers();
    const count = 100;
    /** Needs two thirds of the fail-over time to give us all of them, one after another. */
    const latency = (2 * failover) / 3 / count;
    const slept = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));
    class Slow extends MemoryLeaseStore {
      override async change(seen: Lease, change: LeaseChange): Promise<Lease | undefined> {
        await slept(latency);
        return super.change(seen, change);
      }
    }
    let gains = 0;
    const keeper = keeperOf(new Slow(freshLeases(count)), 'me', Date.now, () => gains++);
    const rounds: { readonly millis: number; readonly gains: number; readonly held: number }[] = [];
    const running = (async () => {
      while (rounds.length < 10) {
        const started = Date.now();
        await keeper.round();
        rounds.push({ millis: Date.now() - started, gains, held: keeper.held.length });
        await slept(failover / 3);
      }
    })();
    await vi.advanceTimersByTimeAsync(10 * failover);
    await running;
    for (const { millis, gains, held } of rounds) {
      expect(millis).toBeLessThan(failover / 3 + 2 * latency);
      expect(held).toBe(gains);
    }
    expect([rounds[0]?.gains, rounds.at(-1)?.gains]).toEqual([count / 2, count]);
  });
});

describe('a lease that does not say from when on its shard is read', () => {
  const start = { from: 'AT_TIMESTAMP', timestamp: 5 } as const;
  const leaseAt = (checkpoint: string): Lease => ({ ...newLease(shard(0), 'TRIM_HORIZON'), checkpoint });

  it('is told so in the change that takes it, once and for all', async () => {
    const store = new MemoryLeaseStore([leaseAt('LATEST')]);
    for (const [me, at] of [
      ['one', 1000],
      ['other', 2000],
    ] as const) {
      const keeper = new LeaseKeeper({
        ...{ store, me, failoverMillis: failover, maxLeases: 100, now: () => at, random: () => 0 },
        ...{ isOurs: () => true, signal: never },
        completion: (lease) => beginningOf(lease, start, at),
        ...{ onGained: () => undefined, onWanted: () => undefined },
      });
      await keeper.round();
      expect(await store.list()).toMatchObject([{ leaseOwner: me, checkpoint: 'LATEST', startingTimestamp: 1000 }]);
      await keeper.release();
    }
  });

  it('begins when the connector does, at the time of the config, or with the oldest record', () => {
    const latest = { from: 'LATEST', timestamp: 7 } as const;
    expect(beginningOf(leaseAt('LATEST'), latest, 1000)).toEqual({ startingTimestamp: 7 });
    expect(beginningOf(leaseAt('AT_TIMESTAMP'), start, 1000)).toEqual({ startingTimestamp: 5 });
    expect(beginningOf(leaseAt('AT_TIMESTAMP'), latest, 1000)).toEqual({ checkpoint: 'TRIM_HORIZON' });
    expect(beginningOf({ ...leaseAt('LATEST'), startingTimestamp: 3 }, latest, 1000)).toEqual({});
    for (const checkpoint of ['TRIM_HORIZON', '123']) expect(beginningOf(leaseAt(checkpoint), start, 1000)).toEqual({});
  });
});

it('a lease counts from when its last sign of life was sent, and is lost the fail-over time after that', async () => {
  let now = 0;
  /** Answers a second late. */
  class Late extends MemoryLeaseStore {
    override async change(seen: Lease, change: LeaseChange): Promise<Lease | undefined> {
      const next = await super.change(seen, change);
      now += 1000;
      return next;
    }
  }
  const keeper = keeperOf(new Late([newLease(shard(0), 'TRIM_HORIZON')]), 'me', () => now);
  await keeper.round();
  const [held] = keeper.held;
  now = 2500;
  expect(keeper.expire()).toBe(500);
  await keeper.round();
  now = 2500 + failover - 1;
  expect([keeper.expire(), held?.lost.aborted]).toEqual([1, false]);
  now++;
  expect([keeper.expire(), held?.lost.aborted, keeper.held]).toEqual([failover / 3, true, []]);
});

it('a lease that is lost while it is looked up is not written again', async () => {
  const lease: Lease = { ...newLease(shard(0), 'TRIM_HORIZON'), leaseOwner: 'me' };
  /** Where an answer to us was lost before, and we lose the lease while we look what became of it. */
  class Forgetful extends MemoryLeaseStore {
    override async get(leaseKey: string): Promise<Lease | undefined> {
      held.lose();
      return super.get(leaseKey);
    }
  }
  const store = new Forgetful([{ ...lease, leaseCounter: 1 }]);
  const held = new HeldLease({ store, lease, me: 'me', since: 0, now: () => 0 });
  expect(await held.checkpoint(new Position('7', 0))).toBe(false);
  expect(await store.list()).toEqual([{ ...lease, leaseCounter: 1 }]);
});

it('a lease that was made anew for another stream of the name is not written by who held it, though it has our name', async () => {
  const ours: Lease = { ...newLease(shard(0), 'TRIM_HORIZON'), leaseOwner: 'me', streamCreated: 7 };
  const anew: Lease = { ...ours, streamCreated: 8 };
  const store = new MemoryLeaseStore([anew]);
  const held = new HeldLease({ store, lease: ours, me: 'me', since: 0, now: () => 0 });
  expect(await held.checkpoint(new Position('7', 0))).toBe(false);
  expect([held.lost.aborted, await store.list()]).toEqual([true, [anew]]);
});

describe('a keeper takes', () => {
  const leases = [7, 8].map((streamCreated, at) => ({ ...newLease(shard(at), 'TRIM_HORIZON'), streamCreated }));

  it('no lease of another stream, nor asks for one', async () => {
    const others = leases.map((lease) => ({ ...lease, leaseOwner: 'rich', streamCreated: 8 }));
    const store = new MemoryLeaseStore(leases);
    const rich = new MemoryLeaseStore(others);
    for (const ledger of [store, rich]) {
      const keeper = new LeaseKeeper({
        ...{ store: ledger, me: 'me', failoverMillis: failover, maxLeases: 100, now: () => 0, random: () => 0 },
        ...{ isOurs: ({ streamCreated }) => streamCreated === 7, signal: never },
        ...{ completion: () => ({}), onGained: () => undefined, onWanted: () => undefined },
      });
      await keeper.round();
    }
    expect((await store.list()).map(({ leaseOwner }) => leaseOwner)).toEqual(['me', undefined]);
    expect(await rich.list()).toEqual(others);
  });

  it('nothing once it is over', async () => {
    const store = new MemoryLeaseStore(leases);
    const over = keeperOf(store, 'me', () => 0, undefined, AbortSignal.abort());
    await over.round();
    expect(await store.list()).toEqual(leases);
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lane } from '@tranquility-js/connect';
import type { Staging } from '@tranquility-js/core';
import { describe, expect, it } from 'vitest';
import { FileLeaseStore } from '../src/leases/file-lease-store.js';
import { HeldLease } from '../src/leases/held-lease.js';
import { settledIn, type Lease } from '../src/leases/lease.js';
import type { LeaseStore } from '../src/leases/lease-store.js';
import { MemoryLeaseStore } from '../src/leases/memory-lease-store.js';
import { newLease } from '../src/leases/shard-sync.js';
import { Position } from '../src/position.js';
import { StagedCheckpoints } from '../src/staging/staged-checkpoints.js';
import { tokenText } from '../src/staging/token.js';
import { idOf, shard } from './support/shards.js';
import { StagedDisk, type Step } from './support/staged-disk.js';

const created = 7;
const shards = [0, 1];
/** How many events each shard has, and how many are sent in a turn. */
const events = 6;
const atOnce = 2;
const clock = { now: () => 0, sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) };
const signal = new AbortController().signal;
const well: Step = async (work) => work();

/** What goes wrong: at which step of a process, and for how many requests a late one takes its time. */
interface Trouble {
  readonly fault: 'killed before' | 'killed after' | 'killed, and late' | 'lost' | 'not answered' | 'late' | 'stolen';
  readonly at: number;
  readonly delay: number;
}

const checkpointsOf = (staging: Staging, ledger: LeaseStore): StagedCheckpoints =>
  new StagedCheckpoints({
    stagings: () => new Set([staging]),
    ledger: () => ledger,
    flushed: () => Promise.resolve(),
    clock,
    onTrouble: () => undefined,
  });

const leases = shards.map((at) => newLease(shard(at), 'TRIM_HORIZON'));

/** Two shards, and processes that read them, each with a journal. */
class World {
  readonly ledger: LeaseStore;
  readonly disks = ['one', 'two'].map((id) => new StagedDisk(id));
  /** Requests that arrive late, and after how many others. */
  #late: { after: number; readonly request: () => Promise<unknown> }[] = [];
  #names = 0;

  constructor(ledger: LeaseStore = new MemoryLeaseStore(leases)) {
    this.ledger = ledger;
  }

  /** Reads the shards to their end, as far as they are left to it. */
  async process(disk: StagedDisk | undefined, step: Step = well): Promise<void> {
    if (disk === undefined) return;
    const me = `process ${++this.#names}`;
    const checkpoints = checkpointsOf(disk.open(step), this.#store(step));
    await checkpoints.decide(signal);
    const readings: Reading[] = [];
    for (const at of shards) readings.push(new Reading(await this.#taken(idOf(at), me, step), disk, checkpoints));
    for (let turn = 0; turn < events / atOnce; turn++) for (const reading of readings) await reading.turn();
  }

  /** A process of which one step goes wrong: until it has read all, or is killed. */
  async troubled({ fault, at, delay }: Trouble): Promise<void> {
    let steps = 0;
    let end = (): void => undefined;
    const killed = new Promise<void>((resolve) => (end = resolve));
    const die = (): Promise<never> => {
      end();
      return new Promise(() => undefined);
    };
    const step: Step = async (work, isRequest = false) => {
      if (++steps !== at) return work();
      if (fault === 'killed before') return die();
      if (fault === 'stolen') await this.process(this.disks[1]);
      if (isRequest && fault.endsWith('late')) this.#late.push({ after: delay, request: async () => work() });
      if (fault === 'killed, and late') return die();
      if (isRequest && (fault === 'late' || fault === 'lost')) throw new Error('There is no answer.');
      const answer = await work();
      if (fault === 'killed after') return die();
      if (isRequest && fault === 'not answered') throw new Error('The answer is lost.');
      return answer;
    };
    await Promise.race([this.process(this.disks[0], step), killed]);
  }

  get seen(): string[] {
    return this.disks.flatMap(({ seen }) => [...seen.values()]).sort();
  }

  async #taken(key: string, me: string, step: Step): Promise<HeldLease> {
    const store = this.#store(step);
    const ledger = this.#store(well);
    for (;;) {
      const seen = await ledger.get(key);
      const lease = seen && (await ledger.change(seen, { leaseOwner: me }));
      if (lease !== undefined) return new HeldLease({ store, lease, me, since: 0, now: () => 0 });
    }
  }

  #store(step: Step): LeaseStore {
    const { ledger } = this;
    const asked = async <T>(request: () => Promise<T>): Promise<T> => {
      for (const late of this.#late) if (--late.after === 0) await late.request();
      return step(request, true);
    };
    return {
      open: () => ledger.open(),
      close: () => ledger.close(),
      list: () => ledger.list(),
      get: (key) => asked(() => ledger.get(key)),
      create: (lease) => ledger.create(lease),
      change: (seen, change) => asked(() => ledger.change(seen, change)),
      ask: (seen, by) => ledger.ask(seen, by),
      remove: (seen) => ledger.remove(seen),
    };
  }
}

/** Sends the events of a shard in turns. */
class Reading {
  readonly #held: HeldLease;
  readonly #disk: StagedDisk;
  readonly #checkpoints: StagedCheckpoints;
  #sent: number;

  constructor(held: HeldLease, disk: StagedDisk, checkpoints: StagedCheckpoints) {
    this.#held = held;
    this.#disk = disk;
    this.#checkpoints = checkpoints;
    this.#sent = Number(settledIn(held.lease)?.sequenceNumber ?? 0);
  }

  async turn(): Promise<void> {
    if (this.#held.lost.aborted) return;
    const end = Math.min(events, this.#sent + atOnce);
    while (this.#sent < end) this.#disk.rows.push(`${this.#held.lease.leaseKey} ${++this.#sent}`);
    const lane = { settled: new Position(String(this.#sent), 3) } as unknown as Lane<Position>;
    await this.#checkpoints.write(
      { stream: 'clicks', created, table: 'leases', held: this.#held, lane, onWritten: () => undefined },
      signal,
    );
  }
}

const everything = shards.flatMap((at) => Array.from({ length: events }, (_, n) => `${idOf(at)} ${n + 1}`)).sort();

/** After so many steps everything was read. */
const lastStep = 30;

const troubles = (fault: Trouble['fault'], delays: readonly number[]): Trouble[] =>
  Array.from({ length: lastStep }, (_, at) => delays.map((delay) => ({ fault, at: at + 1, delay }))).flat();

describe('each event is shown once, whatever becomes of whichever step of a process', () => {
  it.each<[Trouble['fault'], number[]]>([
    ['killed before', [0]],
    ['killed after', [0]],
    ['killed, and late', [1, 2, 3, 4]],
    ['lost', [0]],
    ['not answered', [0]],
    ['late', [1, 2, 3, 4]],
    ['stolen', [0]],
  ])('%s', async (fault, delays) => {
    for (const trouble of troubles(fault, delays)) {
      // It comes back with its journal; or before, or after that, another process takes the shards over.
      for (const others of [[0], [0, 1], [1, 0]]) {
        const world = new World();
        await world.troubled(trouble);
        for (const other of others) await world.process(world.disks[other]);
        expect(world.seen, `${JSON.stringify(trouble)}, then ${others.join()}`).toEqual(everything);
      }
    }
  });
});

it('so it is with leases in a file, of a process that is killed and comes back', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'leases-'));
  try {
    for (const trouble of troubles('killed after', [0]).slice(0, 8)) {
      const path = join(directory, String(trouble.at));
      const file = new FileLeaseStore(path);
      for (const lease of leases) await file.create(lease);
      const world = new World(file);
      await world.troubled(trouble);
      await world.process(world.disks[0]);
      expect(world.seen, JSON.stringify(trouble)).toEqual(everything);
      const written = await new FileLeaseStore(path).list();
      expect(written.map(({ checkpoint }) => checkpoint)).toEqual(shards.map(() => String(events)));
    }
  } finally {
    await rm(directory, { recursive: true });
  }
});

describe('what a process before has left', () => {
  const place = '5:2';
  const token = { stream: 'clicks', table: 'leases', shard: idOf(0), place, owner: 'me', created };
  const lease: Lease = { ...newLease(shard(0), 'TRIM_HORIZON'), leaseOwner: 'other', streamCreated: created };

  const left = async (text: string): Promise<StagedDisk> => {
    const disk = new StagedDisk('one');
    const staging = disk.open(well);
    disk.rows.push('a', 'b');
    await staging.stage(text);
    return disk;
  };

  it.each<[string, Lease | undefined, boolean]>([
    ['is shown where its place was written down', { ...lease, journals: 'tranquility one=5:2 two=9' }, true],
    [
      'is shown where the shard is read to its end',
      { ...lease, checkpoint: 'SHARD_END', journals: 'tranquility one=5:2' },
      true,
    ],
    ['is taken away where it was not', { ...lease, journals: 'tranquility one=5 two=5:2' }, false],
    ['is taken away where nothing was', lease, false],
    ['is shown where there is no lease: nobody reads it again', undefined, true],
    [
      'is taken away where the stream was made anew: it may be of the new one',
      { ...lease, streamCreated: created + 1 },
      false,
    ],
    ['is taken away where the lease is that of a stream before', { ...lease, streamCreated: created - 1 }, false],
    [
      'is shown where the stream was made anew after its place was written down',
      { ...lease, streamCreated: created + 1, journals: 'tranquility one=5:2' },
      true,
    ],
  ])('%s', async (_, found, isShown) => {
    const disk = await left(tokenText(token));
    const staging = disk.open(well);
    const ledger = new MemoryLeaseStore(found === undefined ? [] : [found]);
    await checkpointsOf(staging, ledger).decide(signal);
    expect([staging.undecided, [...disk.seen.values()]]).toEqual([undefined, isShown ? ['a', 'b'] : []]);
  });

  it('is not decided by us where another connector has left it', async () => {
    const disk = await left('[["clicks",0,7]]');
    const deciding = checkpointsOf(disk.open(well), new MemoryLeaseStore()).decide(signal);
    await expect(deciding).rejects.toMatchObject({ code: 'TRQ_JOURNAL_STAGED' });
    expect(disk.seen.size).toBe(0);
  });

  it('frees the lease of the process that has ended: nobody need wait for its time', async () => {
    const disk = await left(tokenText(token));
    const ledger = new MemoryLeaseStore([{ ...lease, leaseOwner: 'me' }]);
    await checkpointsOf(disk.open(well), ledger).decide(signal);
    expect((await ledger.get(idOf(0)))?.leaseOwner).toBeUndefined();
  });
});

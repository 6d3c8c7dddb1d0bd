import { Lane, StreamTally } from '@tranquility-js/connect';
import { TranquilityError, type Receipt, type Staging } from '@tranquility-js/core';
import { systemClock } from '@tranquility-js/core/internal';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { HeldLease } from '../src/leases/held-lease.js';
import { MemoryLeaseStore } from '../src/leases/memory-lease-store.js';
import { newLease } from '../src/leases/shard-sync.js';
import { Position } from '../src/position.js';
import { StagedCheckpoints } from '../src/staging/staged-checkpoints.js';
import { Turns } from '../src/staging/turns.js';
import { idOf, shard } from './support/shards.js';
import { StagedDisk } from './support/staged-disk.js';

/** What is known of where events go. */
interface Druid {
  isStaged: boolean;
  mayBeStaged: boolean;
}

const soon = { timeout: 5_000, interval: 5 };
const pulling: Druid = { isStaged: true, mayBeStaged: true };
const open: Turns[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((turns) => turns.close()));
});

/** Two shards whose rows go to one journal. */
function world(druid: Druid, { period = 0, stage }: { period?: number; stage?: Staging['stage'] } = {}) {
  const store = new MemoryLeaseStore(
    [0, 1].map((at) => ({ ...newLease(shard(at), 'TRIM_HORIZON'), leaseOwner: 'me' })),
  );
  const disk = new StagedDisk('one');
  const staging = disk.open(async (work) => work());
  /** Receipts that events wait for, where they are held back. */
  const waiting: (() => void)[] = [];
  const sent = { isHeldBack: false, isBeforeJournal: false, under: waiting };
  /** Of which shards each stage has had rows. */
  const stages: string[] = [];
  const staged: Staging = {
    id: staging.id,
    undecided: undefined,
    show: () => staging.show(),
    drop: () => staging.drop(),
    stage:
      stage ??
      ((token) => {
        const fresh = disk.rows.slice(Math.max(-1, ...disk.seen.keys()) + 1);
        stages.push([...new Set(fresh.map((row) => row.split(' ')[0]))].join());
        return staging.stage(token);
      }),
  };
  const fatal: TranquilityError[] = [];
  const turns = new Turns({
    checkpoints: new StagedCheckpoints({
      stagings: () => new Set(druid.isStaged ? [staged] : []),
      ledger: () => store,
      flushed: () => vi.waitFor(() => expect(sent.under).toEqual([]), soon),
      clock: systemClock,
      onTrouble: () => undefined,
    }),
    clock: systemClock,
    periodMillis: period,
    onFatal: (error) => fatal.push(error),
  });
  open.push(turns);
  let written = 0;
  const shards = [0, 1].map((at) => {
    const destination = {
      ...{ dataSource: 'clicks', flush: () => undefined, remedyFor: () => 'fail' },
      get isStaged() {
        return druid.isStaged;
      },
      get mayBeStaged() {
        return druid.mayBeStaged;
      },
      offer: ({ value }: { value: Uint8Array }, receipt: Receipt) => {
        const arrive = (): void => {
          if (druid.isStaged) disk.rows.push(String(value));
        };
        if (!sent.isBeforeJournal) arrive();
        const settle = (): void => {
          if (sent.isBeforeJournal) arrive();
          receipt.sent(1, [value], 0);
        };
        if (sent.isHeldBack) waiting.push(settle);
        else settle();
        return true;
      },
    } as unknown as ConstructorParameters<typeof Lane<Position>>[0]['destination'];
    const lane = new Lane<Position>({
      ...{ stream: 'clicks', partition: idOf(at), destination, tally: new StreamTally(), letters: undefined },
      ...{ maxWaitingBytes: 1_000_000, onRoom: () => undefined, onStopped: () => undefined },
      onFatal: (error) => fatal.push(error),
    });
    const lease = { ...newLease(shard(at), 'TRIM_HORIZON'), leaseOwner: 'me' };
    const held = new HeldLease({ store, lease, me: 'me', since: 0, now: () => 0 });
    held.lost.addEventListener('abort', () => lane.close(), { once: true });
    turns.join({ stream: 'clicks', created: 7, table: 'leases', held, lane, onWritten: () => written++ });
    let next = 0;
    const push = (count: number): void =>
      lane.push(
        Array.from({ length: count }, () => {
          const position = new Position(String(++next), 0);
          return {
            ...{ stream: 'clicks', partition: idOf(at), position, next: position, timestamp: 0 },
            ...{ key: null, headers: {}, value: Buffer.from(`${at} ${next}`) },
          };
        }),
      );
    return { lane, held, push, checkpoint: async () => (await store.get(idOf(at)))?.checkpoint };
  });
  const [one, other] = shards;
  if (one === undefined || other === undefined) throw new Error('There are two.');
  return {
    ...{ turns, one, other, disk, stages, sent, fatal, store },
    seen: () => [...disk.seen.values()].sort(),
    written: () => written,
  };
}

describe('where Druid pulls', () => {
  it('a stage has rows of one shard, and its place is written down before they are shown', async () => {
    const { one, other, stages, seen } = world(pulling);
    for (let round = 0; round < 3; round++) {
      one.push(700);
      other.push(300);
      const count = 1_000 * (round + 1);
      await vi.waitFor(() => expect(seen().length).toBe(count), soon);
    }
    expect(new Set(stages)).toEqual(new Set(['0', '1']));
    expect([await one.checkpoint(), await other.checkpoint()]).toEqual(['2100', '900']);
  });

  it('a shard that can wait does so for its time, unless it is in a hurry', async () => {
    const { turns, one, seen } = world(pulling, { period: 60_000 });
    one.push(1);
    await vi.waitFor(() => expect(seen()).toEqual(['0 1']), soon);
    one.push(1);
    turns.hurry(one.lane);
    await turns.over(one.lane, AbortSignal.timeout(5_000));
    expect(seen()).toEqual(['0 1', '0 2']);
    expect(await one.checkpoint()).toBe('2');
  });

  it('what a shard has sent that is lost is taken away before another one sends', async () => {
    const { one, other, sent, disk, seen } = world(pulling);
    sent.isHeldBack = true;
    one.push(2);
    await vi.waitFor(() => expect(disk.rows).toEqual(['0 1', '0 2']), soon);
    sent.isHeldBack = false;
    other.push(1);
    one.held.lose();
    for (const settle of sent.under.splice(0)) settle();
    await vi.waitFor(() => expect(seen()).toEqual(['1 1']), soon);
    expect(disk.rows).toEqual(['1 1']);
  });

  it('what another has taken meanwhile is taken away', async () => {
    const { one, store, sent, disk, seen, written } = world(pulling);
    sent.isHeldBack = true;
    one.push(1);
    await vi.waitFor(() => expect(disk.rows.length).toBe(1), soon);
    const lease = await store.get(idOf(0));
    if (lease !== undefined) await store.change(lease, { leaseOwner: 'thief' });
    for (const settle of sent.under.splice(0)) settle();
    await vi.waitFor(() => expect(disk.rows).toEqual([]), soon);
    expect([one.held.lost.aborted, seen(), written()]).toEqual([true, [], 0]);
  });

  it('so it is with what was sent before it was known that Druid pulls', async () => {
    const druid = { isStaged: false, mayBeStaged: true };
    const { one, other, sent, disk, seen } = world(druid);
    Object.assign(sent, { isHeldBack: true, isBeforeJournal: true });
    one.push(2);
    await vi.waitFor(() => expect(sent.under.length).toBe(2), soon);
    one.held.lose();
    other.push(1);
    // The turn ends, and nothing is known yet.
    await new Promise((resolve) => setTimeout(resolve, 200));
    Object.assign(druid, pulling);
    for (const settle of sent.under.splice(0)) settle();
    Object.assign(sent, { isHeldBack: false, isBeforeJournal: false });
    await vi.waitFor(() => expect(seen()).toEqual(['1 1']), soon);
    expect(disk.rows).toEqual(['1 1']);
  });

  it('a journal that fails ends the connector', async () => {
    const failed = new TranquilityError('TRQ_JOURNAL_FAILED', 'The disk is full.');
    const { one, turns, fatal } = world(pulling, { stage: () => Promise.reject(failed) });
    one.push(1);
    await vi.waitFor(() => expect(fatal).toEqual([failed]), soon);
    turns.hurry(one.lane);
    await turns.over(one.lane, AbortSignal.timeout(5_000));
    expect(await one.checkpoint()).toBe('TRIM_HORIZON');
  });
});

describe('where Druid does not pull', () => {
  it('shards need no turns once that is known', async () => {
    const druid = { isStaged: false, mayBeStaged: true };
    const { turns, one, other } = world(druid);
    expect([turns.has(one.lane), turns.has(other.lane)]).toEqual([true, true]);
    druid.mayBeStaged = false;
    await vi.waitFor(() => expect(turns.has(one.lane) || turns.has(other.lane)).toBe(false), soon);
    one.push(3);
    other.push(2);
    expect([one.lane.settled?.sequenceNumber, other.lane.settled?.sequenceNumber]).toEqual(['3', '2']);
    expect(await one.checkpoint()).toBe('TRIM_HORIZON');
  });

  it('and does so later, rows that were staged without a turn are taken away, and their shards given up', async () => {
    const druid = { isStaged: false, mayBeStaged: false };
    const { one, other, disk, store } = world(druid);
    Object.assign(druid, pulling);
    one.push(2);
    other.push(1);
    await vi.waitFor(() => expect([one.held.lost.aborted, other.held.lost.aborted]).toEqual([true, true]), soon);
    await vi.waitFor(() => expect(disk.rows).toEqual([]), soon);
    expect((await store.list()).map(({ leaseOwner }) => leaseOwner)).toEqual([undefined, undefined]);
  });
});

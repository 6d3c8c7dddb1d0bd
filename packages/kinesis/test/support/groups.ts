import { StreamTally, type Lane } from '@tranquility-js/connect';
import type { Receipt } from '@tranquility-js/core';
import type { LeaseStore } from '../../src/leases/lease-store.js';
import type { Shard } from '../../src/leases/shard-sync.js';
import type { Position } from '../../src/position.js';
import type { Batch } from '../../src/source/batch.js';
import { StreamGroup, type StreamGroupOptions } from '../../src/stream-group.js';
import type { KinesisTrouble } from '../../src/trouble.js';

/** Never comes in a test. */
const never = 2_147_483_647;

export interface GroupWorld {
  readonly store: LeaseStore;
  readonly shards: () => readonly Shard[];
  /** What reading a shard gives at once; after that nothing comes. */
  readonly batches?: readonly Batch[];
  readonly options?: Partial<StreamGroupOptions>;
}

/** The group of a stream whose events have their outcome at once, and whose rounds are run once, when it is opened. */
export function groupOf({ store, shards, batches = [], options = {} }: GroupWorld) {
  const written: string[] = [];
  const troubles: KinesisTrouble[] = [];
  const destination = {
    ...{ dataSource: 'clicks', isStaged: false, flush: () => undefined, remedyFor: () => 'fail' },
    offer: ({ value }: { value: Uint8Array }, receipt: Receipt) => {
      receipt.sent(1, [value], 0);
      return true;
    },
  } as unknown as ConstructorParameters<typeof Lane<Position>>[0]['destination'];
  const group = new StreamGroup({
    ...{ stream: 'clicks', created: 7, table: 'leases', start: 'TRIM_HORIZON', me: 'me', store },
    route: { dataSource: 'clicks', pattern: /^clicks$/, priority: 1, usesStreamName: false },
    destinations: { of: () => Promise.resolve(destination) } as unknown as StreamGroupOptions['destinations'],
    ...{ letters: undefined, tally: new StreamTally() },
    turns: {
      ...{ join: () => undefined, has: () => false, hurry: () => undefined, over: () => Promise.resolve() },
    } as unknown as StreamGroupOptions['turns'],
    read: async function* ({ signal }) {
      yield* batches;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
    shards: () => Promise.resolve(shards()),
    ...{ failoverMillis: never, syncMillis: never, checkpointMillis: never, checkpointRecords: undefined },
    ...{ maxLeases: 100, maxWaitingBytes: 1_000_000, maxInflatedBytes: 1_000_000 },
    onTrouble: (trouble) => troubles.push(trouble),
    onCheckpoint: (_, shard, position) => written.push(`${shard} ${position}`),
    ...{ onAssigned: () => undefined, onStopped: () => undefined },
    onFatal: (error) => {
      throw error;
    },
    ...options,
  });
  return { group, written, troubles };
}

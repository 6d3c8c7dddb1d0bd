import { show } from '@tranquility-js/core/internal';
import type { Lease } from './lease.js';

/** Of what is in a node. A later format may differ in all but this field. */
const format = 1;

/** A lease as the data of its node of ZooKeeper. */
export function dataOf(lease: Lease): Buffer {
  return Buffer.from(JSON.stringify({ format, ...lease }));
}

/**
 * A lease from the data of its node. Fields that only later versions know stay in it.
 * @throws Error that says in what the data is no lease of this key.
 */
export function leaseIn(data: Buffer, leaseKey: string): Lease {
  const { format: found, ...lease } = fieldsIn(data);
  if (found !== format) throw new Error(`its format is ${show(found)}, and ours is ${format}`);
  const wrong = Object.entries(kinds).find(([name, isKind]) => !isKind(lease[name]));
  if (wrong !== undefined) throw new Error(`its ${wrong[0]} is ${show(lease[wrong[0]])}`);
  if (lease['leaseKey'] !== leaseKey) throw new Error(`it is a lease of ${String(lease['leaseKey'])}`);
  return lease as unknown as Lease;
}

function fieldsIn(data: Buffer): Readonly<Record<string, unknown>> {
  const found: unknown = JSON.parse(data.toString());
  if (typeof found !== 'object' || found === null) throw new Error('it is no object of JSON');
  return found as Readonly<Record<string, unknown>>;
}

type IsKind = (value: unknown) => boolean;

const isText: IsKind = (value) => typeof value === 'string';
const isCount: IsKind = (value) => Number.isSafeInteger(value);
const isIds: IsKind = (value) => Array.isArray(value) && value.every(isText);
const orNone =
  (isKind: IsKind): IsKind =>
  (value) =>
    value === undefined || isKind(value);

const kinds: Readonly<Record<keyof Lease, IsKind>> = {
  leaseKey: isText,
  leaseOwner: orNone(isText),
  leaseCounter: isCount,
  checkpoint: isText,
  checkpointSubSequenceNumber: isCount,
  ownerSwitchesSinceCheckpoint: isCount,
  parentShardIds: isIds,
  childShardIds: isIds,
  startingHashKey: orNone(isText),
  endingHashKey: orNone(isText),
  startingTimestamp: orNone(isCount),
  wantedBy: orNone(isText),
  streamCreated: orNone(isCount),
  journals: orNone(isText),
};

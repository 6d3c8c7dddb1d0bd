import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import { isJsonObject, type JsonObject } from '../spec/json.js';
import type { Bucket } from '../time/bucketer.js';

/** A task as the state names it. */
export interface TaskName {
  readonly id: string;
  readonly firehoseId: string;
}

/** What Tranquility keeps in ZooKeeper of the buckets of a dataSource (`ClusteredBeamMeta`). */
export interface BeamState {
  /** Buckets that begin then or earlier are not created any more; epoch milliseconds. */
  readonly latestCloseTime: number;
  /** Of each bucket, by its start, the entries of its partitions as they are stored, in their order. */
  readonly beams: ReadonlyMap<number, readonly JsonObject[]>;
}

/** The state before the first bucket. */
export const emptyState: BeamState = { latestCloseTime: 0, beams: new Map() };

/** The bytes that Tranquility would write. It never reads `latestTime`, but versions before it did. */
export function encodeState({ latestCloseTime, beams }: BeamState): Buffer {
  const starts = [...beams.keys()].sort((a, b) => a - b);
  const latestTime = Math.max(latestCloseTime, ...starts);
  return Buffer.from(
    JSON.stringify({
      latestTime: iso(latestTime),
      latestCloseTime: iso(latestCloseTime),
      beams: Object.fromEntries(starts.map((start) => [iso(start), beams.get(start)])),
    }),
  );
}

/**
 * Reads the state, in any of the forms that Tranquility takes.
 * @param path of the node, for messages.
 * @throws TRQ_ZOOKEEPER_STATE_CORRUPT.
 */
export function decodeState(data: Buffer, path: string): BeamState {
  try {
    const state: unknown = JSON.parse(data.toString());
    if (!isJsonObject(state)) throw new Error('it is not a JSON object');
    const { beams = {}, latestCloseTime = 0 } = state;
    if (!isJsonObject(beams)) throw new Error('"beams" is not an object');
    return {
      latestCloseTime: readTime(latestCloseTime, '"latestCloseTime"'),
      beams: new Map(
        Object.entries(beams).map(([start, entries]) => [readTime(start, 'A bucket'), readEntries(start, entries)]),
      ),
    };
  } catch (cause) {
    const text = data.length === 0 ? 'it is empty' : messageOf(cause);
    throw new TranquilityError(
      'TRQ_ZOOKEEPER_STATE_CORRUPT',
      `The state of Tranquility in ZooKeeper at ${path} cannot be read: ${text}. Mend the node, or delete it: its tasks are then found again by their ids.`,
      { cause, details: { path } },
    );
  }
}

/** The entry of a partition (`DruidBeam.toDict`). */
export function partitionEntry({ start, end }: Bucket, partition: number, tasks: readonly TaskName[]): JsonObject {
  const names = tasks.map(({ id, firehoseId }) => ({ id, firehoseId }));
  return { interval: `${iso(start)}/${iso(end)}`, partition, tasks: names, timestamp: iso(start) };
}

/**
 * The tasks that an entry names; versions before 0.5 had one, beside the interval.
 * @throws TRQ_ZOOKEEPER_STATE_CORRUPT.
 */
export function tasksOfEntry(entry: JsonObject, path: string): TaskName[] {
  const { tasks = [{ id: entry['taskId'], firehoseId: entry['firehoseId'] }] } = entry;
  const names = Array.isArray(tasks) ? tasks.map(readTaskName) : [];
  if (names.length > 0 && names.every((name) => name !== undefined)) return names;
  throw new TranquilityError(
    'TRQ_ZOOKEEPER_STATE_CORRUPT',
    `The state of Tranquility in ZooKeeper at ${path} has a partition without tasks: ${JSON.stringify(entry)}. Mend the node, or delete it: its tasks are then found again by their ids.`,
    { details: { path } },
  );
}

function readTaskName(value: unknown): TaskName | undefined {
  if (!isJsonObject(value)) return undefined;
  const { id, firehoseId } = value;
  return typeof id === 'string' && typeof firehoseId === 'string' ? { id, firehoseId } : undefined;
}

function readEntries(start: string, entries: unknown): readonly JsonObject[] {
  if (Array.isArray(entries) && entries.every(isJsonObject)) return entries;
  throw new Error(`the bucket ${start} is not a list of partitions`);
}

function readTime(value: unknown, what: string): number {
  const isTimeText = typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|[+-]\d\d:\d\d)$/.test(value);
  const millis = isTimeText ? Date.parse(value) : typeof value === 'number' ? value : NaN;
  if (Number.isFinite(millis)) return millis;
  throw new Error(`${what} is ${JSON.stringify(value)}, not a time`);
}

const iso = (millis: number): string => new Date(millis).toISOString();

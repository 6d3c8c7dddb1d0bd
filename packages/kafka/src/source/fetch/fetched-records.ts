import { RecordRange, type Records } from '@tranquility-js/connect';
import type { Batch, KafkaMessage } from 'kafkajs';
import { MessageRecord } from './message-record.js';
import type { FetchedSet } from './read-batches.js';

/** What an answer has of a partition. */
export interface Fetched {
  /** The place that was asked for. */
  readonly place: number;
  /** Where to go on behind it, control records too, which are not handed out. */
  readonly next: number;
  /** Behind the newest record of the partition. */
  readonly end: number;
  readonly records: Records<number>;
  /** Why the batch at the place cannot be read, if so: then there are no records. */
  readonly broken: Error | undefined;
}

export function fetchedIn(batch: Batch): Fetched {
  const messages: readonly (KafkaMessage | FetchedSet)[] = batch.messages;
  const { fetchedOffset } = batch as Batch & { readonly fetchedOffset: string };
  const [place, end] = [Number(fetchedOffset), Number(batch.highWatermark)];
  const own = messages.find((message) => 'records' in message);
  if (own?.broken !== undefined) return { place, next: place, end, records: own.records, broken: own.broken };
  const next = Number(batch.lastOffset()) + 1;
  return { place, next, end, records: recordsIn(batch, next), broken: undefined };
}

/**
 * The records that were asked for, in their order: answers begin with the batch that has the first one, which may have others before it.
 * @param next where to go on behind the last one.
 */
export function recordsIn(batch: Batch, next: number): Records<number> {
  const messages: readonly (KafkaMessage | FetchedSet)[] = batch.messages;
  const { fetchedOffset } = batch as Batch & { readonly fetchedOffset: string };
  const records = messages.flatMap((message) => ('records' in message ? [] : new MessageRecord(message)));
  const last = records.at(-1);
  if (last !== undefined) last.next = next;
  const own = messages.find((message) => 'records' in message);
  return startingAt(Number(fetchedOffset), own?.records ?? records);
}

/** Those from this place on. */
export function startingAt(place: number, records: Records<number>): Records<number> {
  let at = 0;
  while ((records.at(at)?.position ?? place) < place) at++;
  return at === 0 ? records : new RecordRange(records, at);
}

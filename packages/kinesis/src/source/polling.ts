import type { Clock } from '@tranquility-js/core';
import { describe, kindOf } from '../aws/error-kind.js';
import type { KinesisRecord } from '../records/kinesis-record.js';
import type { Batch, ReadOptions, ReadShard } from './batch.js';
import { isAborted, Patience, waited } from './patience.js';
import type { Answer, Place, StreamApi } from './stream-api.js';

export interface PollingOptions {
  readonly api: Pick<StreamApi, 'iterator' | 'records'>;
  readonly clock: Clock;
  /** The most records of one answer; Kinesis gives 10,000. */
  readonly limit: number;
  /** The least time between two questions; Kinesis answers five a second for each shard. In milliseconds. */
  readonly intervalMillis: number;
  /** The time between two questions where nothing new is there, in milliseconds. */
  readonly idleMillis: number;
}

/** What a shard gives all its readers, a second. More at once is given, and then nothing for as long as that takes. */
const bytesPerSecond = 2 * 1024 * 1024;

/** After so many iterators that have expired, one after another, it is told. */
const toldExpired = 5;

/** Reads shards by asking again and again. */
export function polling(options: PollingOptions): ReadShard {
  return (wish) => poll(options, wish);
}

/** @throws what Kinesis says of a shard that is gone, and of a sequence number that is not there. */
async function* poll(
  options: PollingOptions,
  { stream, shard, from, signal, onTrouble }: ReadOptions,
): AsyncGenerator<Batch> {
  const { api, clock, limit } = options;
  const patience = new Patience(clock, onTrouble);
  let place: Place = from;
  let iterator: string | undefined;
  /** How many have expired, one after another. */
  let expired = 0;
  while (!signal.aborted) {
    let answer: Answer;
    try {
      iterator ??= await api.iterator(stream, shard, place, signal);
      if (iterator === undefined) return;
      answer = await api.records(stream, iterator, limit, signal);
    } catch (error) {
      if (isAborted(signal)) return;
      const kind = kindOf(error);
      if (kind === 'gone' || (kind === 'invalid' && iterator === undefined)) throw error;
      // One that is refused for whatever reason is asked for anew.
      if (kind !== 'throttled') iterator = undefined;
      if (kind !== 'expired-iterator') {
        await patience.after(error, signal);
        continue;
      }
      onTrouble(kind, error);
      expired++;
      if (expired === toldExpired) {
        onTrouble('unreachable', new Error(`each new iterator has expired at once: ${describe(error)}`));
      }
      if (expired > 1) await patience.pause(signal);
      continue;
    }
    patience.reset();
    expired = 0;
    const asked = clock.now();
    const { records, millisBehind } = answer;
    const last = records.at(-1);
    if (last !== undefined) place = { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: last.sequenceNumber };
    yield { records, millisBehind };
    iterator = answer.iterator;
    if (iterator === undefined) return;
    // The clock may be set back meanwhile.
    const passed = Math.max(0, clock.now() - asked);
    const pause = pauseAfter(records, millisBehind, options) - passed;
    if (pause > 0) await waited(clock, pause, signal);
  }
}

function pauseAfter(
  records: readonly KinesisRecord[],
  millisBehind: number,
  { intervalMillis, idleMillis }: PollingOptions,
): number {
  const bytes = records.reduce((sum, { data }) => sum + data.length, 0);
  const isIdle = records.length === 0 && millisBehind === 0;
  return Math.max(isIdle ? idleMillis : intervalMillis, (bytes / bytesPerSecond) * 1000);
}

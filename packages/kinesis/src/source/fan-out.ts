import type { Clock } from '@tranquility-js/core';
import { kindOf } from '../aws/error-kind.js';
import type { Batch, ReadOptions, ReadShard } from './batch.js';
import { isAborted, Patience, waited } from './patience.js';
import { recordOf, type Place, type StreamApi } from './stream-api.js';
import { watched } from './watched.js';

export interface FanOutOptions {
  readonly api: Pick<StreamApi, 'stream' | 'consumer' | 'subscribe' | 'iterator' | 'records'>;
  readonly clock: Clock;
  /** The name under which Kinesis knows us as a consumer with a throughput of its own. */
  readonly consumer: string;
  /** How often a shard that has nothing new is asked whether it has ended, in milliseconds: its last word may be lost. */
  readonly lookMillis: number;
}

const pollMillis = 1000;
/** Kinesis sends an event every few seconds, be there records or not. */
const silentMillis = 30_000;

/** Reads shards that Kinesis pushes to us, each at 2 MB a second of our own. A subscription lasts five minutes, and is followed by another. */
export function fanOut(options: FanOutOptions): ReadShard {
  const consumers = new Map<string, string>();
  return (wish) => subscribeOn(options, consumers, wish);
}

/** @throws what Kinesis says of a shard that is gone, and of a sequence number that is not there. */
async function* subscribeOn(
  options: FanOutOptions,
  consumers: Map<string, string>,
  { stream, shard, from, signal, onTrouble }: ReadOptions,
): AsyncGenerator<Batch> {
  const { api, clock } = options;
  const patience = new Patience(clock, onTrouble);
  let place: Place = from;
  let looked = clock.now();
  while (!signal.aborted) {
    let hasCome = false;
    try {
      const consumer = await consumerOf(options, consumers, stream, signal);
      const subscribe = (ending: AbortSignal): ReturnType<StreamApi['subscribe']> =>
        api.subscribe(consumer, shard, place, ending);
      for await (const event of watched(subscribe, { clock, silentMillis, signal })) {
        const failure = Object.entries(event).find(([name]) => name.endsWith('Exception'));
        if (failure !== undefined) throw failure[1];
        const found = event.SubscribeToShardEvent;
        if (found === undefined) continue;
        hasCome = true;
        patience.reset();
        const { Records = [], ContinuationSequenceNumber: next, MillisBehindLatest = 0, ChildShards = [] } = found;
        yield { records: Records.map(recordOf), millisBehind: MillisBehindLatest };
        if (typeof next === 'string') place = { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: next };
        if (ChildShards.length > 0) return;
        // The clock may be set back meanwhile.
        if (Records.length > 0 || Math.abs(clock.now() - looked) < options.lookMillis) continue;
        looked = clock.now();
        if (await hasEnded(api, { stream, shard, place, signal })) return;
      }
      if (!hasCome) await waited(clock, pollMillis, signal);
    } catch (error) {
      if (isAborted(signal)) return;
      const kind = kindOf(error);
      consumers.delete(stream);
      if (kind === 'gone' || kind === 'invalid') throw error;
      await patience.after(error, signal);
    }
  }
}

/** Whether there is nothing behind a place, and never will be. */
async function hasEnded(
  api: FanOutOptions['api'],
  { stream, shard, place, signal }: Pick<ReadOptions, 'stream' | 'shard' | 'signal'> & { readonly place: Place },
): Promise<boolean> {
  const iterator = await api.iterator(stream, shard, place, signal);
  if (iterator === undefined) return true;
  const { records, iterator: next } = await api.records(stream, iterator, 1, signal);
  return records.length === 0 && next === undefined;
}

async function consumerOf(
  { api, consumer }: FanOutOptions,
  known: Map<string, string>,
  stream: string,
  signal: AbortSignal,
): Promise<string> {
  const found = known.get(stream) ?? (await api.consumer((await api.stream(stream, signal)).arn, consumer, signal));
  known.set(stream, found);
  return found;
}

import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { describe as told } from '../src/aws/error-kind.js';
import { fanOut } from '../src/source/fan-out.js';
import { StreamApi } from '../src/source/stream-api.js';
import { idOf } from './support/shards.js';

const errorOf = (name: string): Error => Object.assign(new Error(name), { name });

/** What of a shard comes with fan-out. @param states of our consumer, one after another; the last one stays. There is none where it is missing. */
async function pushed(
  states: readonly (string | undefined)[],
  subscriptions: readonly object[][],
  now: () => number = () => 0,
) {
  const left = { states: [...states], subscriptions: [...subscriptions] };
  const asked: string[] = [];
  const places: object[] = [];
  const troubles: string[] = [];
  const pauses: number[] = [];
  const answers: Readonly<Record<string, (input: { readonly StartingPosition?: object }) => object>> = {
    DescribeStreamSummaryCommand: () => ({ StreamDescriptionSummary: { StreamARN: 'stream', StreamStatus: 'ACTIVE' } }),
    DescribeStreamConsumerCommand: () => {
      const state = left.states.length > 1 ? left.states.shift() : left.states[0];
      if (state === undefined) throw errorOf('ResourceNotFoundException');
      return { ConsumerDescription: { ConsumerARN: 'consumer', ConsumerStatus: state } };
    },
    RegisterStreamConsumerCommand: () => ({}),
    SubscribeToShardCommand: ({ StartingPosition }) => {
      places.push(StartingPosition ?? {});
      const events = left.subscriptions.shift() ?? [];
      return {
        EventStream: (async function* () {
          for (const event of events) {
            await Promise.resolve();
            yield { SubscribeToShardEvent: event };
          }
        })(),
      };
    },
  };
  const client = {
    send: (command: { readonly input: object }) => {
      const { name } = command.constructor;
      asked.push(name.replace('Command', ''));
      return Promise.resolve().then(() => answers[name]?.(command.input));
    },
  } as unknown as KinesisClient;
  const ending = new AbortController();
  const read = fanOut({
    api: new StreamApi(client),
    clock: {
      now,
      sleep: (millis, signal) => {
        // The silence of a subscription is waited for besides.
        if (millis === 30_000) return new Promise((_, reject) => signal?.addEventListener('abort', reject));
        pauses.push(millis);
        if (pauses.length === 8) ending.abort();
        return Promise.resolve();
      },
    },
    ...{ consumer: 'tranquility', lookMillis: 1 },
  });
  const wish = { stream: 'clicks', shard: idOf(0), from: { type: 'TRIM_HORIZON' }, signal: ending.signal } as const;
  const behind: number[] = [];
  const onTrouble = (_: string, error: unknown): void => void troubles.push(told(error));
  for await (const { millisBehind } of read({ ...wish, onTrouble })) behind.push(millisBehind);
  return { asked, places, troubles, pauses, behind };
}

const event = (next: string, millisBehind: number, more: object = {}): object => ({
  ...{ Records: [], ContinuationSequenceNumber: next, MillisBehindLatest: millisBehind, ...more },
});

describe('fan-out', () => {
  it('tells of a consumer that does not become active, and asks for it less and less often', async () => {
    const { troubles, pauses, behind } = await pushed(['DELETING'], []);
    expect(new Set(troubles)).toEqual(
      new Set(['the state of the fan-out consumer tranquility is DELETING, and it gets nothing before it is ACTIVE']),
    );
    expect([troubles.length, behind]).toEqual([8, []]);
    expect(pauses.at(-1)).toBeGreaterThan(4000);
  });

  it('registers its consumer where there is none, and subscribes once that is active', async () => {
    const end = event('7', 0, { ChildShards: [{}] });
    const { asked, troubles, behind } = await pushed([undefined, 'CREATING', 'ACTIVE'], [[end]]);
    expect(asked.filter((name) => !name.startsWith('Describe'))).toEqual([
      'RegisterStreamConsumer',
      'SubscribeToShard',
    ]);
    expect([troubles.length, behind]).toEqual([2, [0]]);
  });

  it('follows a subscription that is over by another one, behind what has come', async () => {
    const end = event('9', 0, { ChildShards: [{}] });
    const { places, troubles, behind } = await pushed(['ACTIVE'], [[event('5', 20)], [event('7', 10)], [end]]);
    const behindOf = (SequenceNumber: string): object => ({ Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber });
    expect(places).toEqual([{ Type: 'TRIM_HORIZON' }, behindOf('5'), behindOf('7')]);
    expect([troubles, behind]).toEqual([[], [20, 10, 0]]);
  });

  it('asks whether a shard has ended though the clock is set back', async () => {
    const end = event('9', 0, { ChildShards: [{}] });
    let time = 0;
    const { asked } = await pushed(['ACTIVE'], [[event('5', 20)], [end]], () => (time -= 3_600_000));
    expect(asked).toContain('GetShardIterator');
  });
});

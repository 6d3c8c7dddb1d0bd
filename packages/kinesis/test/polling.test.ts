import { describe, expect, it } from 'vitest';
import type { ErrorKind } from '../src/aws/error-kind.js';
import type { Batch } from '../src/source/batch.js';
import { polling } from '../src/source/polling.js';
import type { Answer } from '../src/source/stream-api.js';
import { idOf } from './support/shards.js';

const errorOf = (name: string): Error => Object.assign(new Error(name), { name });

/** What comes of answers, until there are no more: batches, troubles, and how long it was waited. */
async function polled(answers: readonly (Answer | Error)[], now: () => number = () => 0) {
  const left = [...answers];
  const batches: Batch[] = [];
  const troubles: ErrorKind[] = [];
  const pauses: number[] = [];
  const ending = new AbortController();
  const read = polling({
    api: {
      iterator: () => Promise.resolve('next'),
      records: () => {
        const answer = left.shift() ?? errorOf('TheEnd');
        if (left.length === 0) ending.abort();
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    },
    clock: {
      now,
      sleep: (millis) => {
        pauses.push(millis);
        return Promise.resolve();
      },
    },
    ...{ limit: 10, intervalMillis: 250, idleMillis: 1000 },
  });
  const wish = { stream: 'clicks', shard: idOf(0), from: { type: 'TRIM_HORIZON' }, signal: ending.signal } as const;
  for await (const batch of read({ ...wish, onTrouble: (kind) => troubles.push(kind) })) batches.push(batch);
  return { batches, troubles, pauses };
}

const empty = (millisBehind: number): Answer => ({ records: [], millisBehind, iterator: 'next' });

describe('polling', () => {
  it('hands on each answer, the empty ones of a shard with sparse records too: they say how far behind it is', async () => {
    const { batches, pauses } = await polled([empty(5000), empty(3000), empty(0)]);
    expect(batches.map(({ millisBehind }) => millisBehind)).toEqual([5000, 3000, 0]);
    expect(pauses).toEqual([250, 250, 1000]);
  });

  it('asks for another iterator at once where one has expired; where each does, it waits and says so', async () => {
    const expired = errorOf('ExpiredIteratorException');
    const once = await polled([expired, empty(1), expired, empty(1)]);
    expect([once.troubles, once.pauses]).toEqual([
      ['expired-iterator', 'expired-iterator'],
      [250, 250],
    ]);
    const always = await polled([...Array<Error>(6).fill(expired), empty(1)]);
    expect(always.troubles.filter((kind) => kind === 'expired-iterator')).toHaveLength(6);
    expect(always.troubles.filter((kind) => kind !== 'expired-iterator')).toEqual(['unreachable']);
    expect(always.pauses).toHaveLength(6);
    expect(always.pauses[4]).toBeGreaterThan(1000);
  });

  it('asks again after its pause though the clock is set back', async () => {
    let time = 0;
    const { pauses } = await polled([empty(1), empty(1)], () => (time -= 3_600_000));
    expect(pauses).toEqual([250, 250]);
  });
});

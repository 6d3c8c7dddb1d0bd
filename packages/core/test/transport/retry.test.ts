import { afterEach, describe, expect, it, vi } from 'vitest';
import { TranquilityError } from '../../src/errors/tranquility-error.js';
import { retry, type RetryOptions } from '../../src/transport/retry.js';
import { ManualClock } from '../support/manual-clock.js';

afterEach(() => vi.restoreAllMocks());

/** Fails so many times, or for ever, and gives the waits between. */
async function waits(options: Partial<RetryOptions> & { random?: number; failures?: number }): Promise<number[]> {
  const { random, failures = Infinity, ...rest } = options;
  if (random !== undefined) vi.spyOn(Math, 'random').mockReturnValue(random);
  const clock = new ManualClock(0);
  let attempts = 0;
  const attempt = (): Promise<number> =>
    attempts++ < failures ? Promise.reject(new Error('not yet')) : Promise.resolve(attempts);
  await retry(attempt, { clock, deadline: 300_000, ...rest }).catch((error: unknown) => {
    expect(error).toMatchObject({ message: 'not yet' });
  });
  return clock.slept;
}

describe('the waits between tries', () => {
  it.each([
    [0.999_999, [200, 400, 800, 1_000, 1_000]],
    [0.5, [100, 200, 400, 500, 500]],
    [0, [10, 10, 10, 10, 10]],
  ])('are a random part of a ceiling that doubles, but never nothing: %s of it', async (random, expected) => {
    expect(await waits({ random, failures: 5, longestWait: 1_000 })).toEqual(expected);
  });

  it('fill the whole range up to the ceiling', async () => {
    const all = await waits({ failures: 2_000, firstWait: 1_000, longestWait: 1_000, deadline: 10 ** 9 });
    expect(all).toHaveLength(2_000);
    expect(all.every((wait) => wait >= 10 && wait <= 1_000)).toBe(true);
    for (let from = 0; from < 1_000; from += 100) {
      const share = all.filter((wait) => wait >= from && wait < from + 100).length / all.length;
      expect(share).toBeGreaterThan(0.05);
      expect(share).toBeLessThan(0.15);
    }
  });

  it('end at the deadline, with one last try', async () => {
    const slept = await waits({ random: 0.999_999, deadline: 1_000 });
    expect(slept).toEqual([200, 400, 400]);
  });
});

describe('retry', () => {
  it.each([
    ['TRQ_PUSH_REFUSED', 1],
    ['TRQ_OVERLORD_UNREACHABLE', 3],
  ] as const)('ends at once where trying again cannot help: %s', async (code, expected) => {
    let attempts = 0;
    const attempt = (): Promise<never> => {
      attempts++;
      return Promise.reject(new TranquilityError(attempts < 3 ? code : 'TRQ_INTERNAL', 'no'));
    };
    await expect(retry(attempt, { clock: new ManualClock(), deadline: Infinity })).rejects.toThrow('no');
    expect(attempts).toBe(expected);
  });
});

import { Routes, type Destinations, type Letters } from '@tranquility-js/connect';
import { describe, expect, it } from 'vitest';
import { Shares } from '../src/shares.js';

const place = { topic: 'clicks', partition: 0, offset: 7 };
const record = {
  ...{ position: 7, next: 8, key: null, value: Buffer.from('{}'), headers: {}, timestamp: 0 },
};

/** Shares of one topic whose destinations are known when the test says so. */
function sharesOf(destination: object): {
  readonly shares: Shares;
  readonly known: (() => void)[];
} {
  const known: (() => void)[] = [];
  const destinations = {
    of: () =>
      new Promise((resolve) => {
        known.push(() => {
          resolve(destination);
        });
      }),
  } as unknown as Destinations<number>;
  const shares = new Shares({
    routes: new Routes([{ dataSource: 'clicks', pattern: /clicks/u, priority: 0, usesStreamName: false }]),
    destinations,
    letters: {} as Letters<number>,
    maxWaitingBytes: 1_000,
    pause: () => undefined,
    resume: () => undefined,
    onStopped: () => undefined,
    onFatal: () => undefined,
  });
  return { shares, known };
}

const flush = (): void => undefined;

describe('our share of the partitions', () => {
  it('is not taken when another one was asked for meanwhile', async () => {
    const { shares, known } = sharesOf({ flush, dataSource: 'clicks' });
    const first = shares.take([place]);
    const second = shares.take([{ ...place, partition: 1 }]);
    for (const know of known.toReversed()) know();
    expect(await Promise.all([first, second])).toEqual([false, true]);
    expect(shares.status.map(({ partition }) => partition)).toEqual([1]);
  });

  it('passes over no records of partitions that are not ours', async () => {
    const { shares } = sharesOf({});
    await expect(shares.put('clicks', 0, [record], 8)).rejects.toMatchObject({ code: 'TRQ_INTERNAL' });
  });

  it('is not quiet where it is known only since then that events are staged', async () => {
    const destination = { flush, dataSource: 'clicks', isStaged: false };
    const { shares, known } = sharesOf(destination);
    const taken = shares.take([place]);
    known[0]?.();
    await taken;
    expect(await shares.quiet(AbortSignal.abort())).toEqual([]);
    expect(shares.areQuiet).toBe(true);
    destination.isStaged = true;
    expect(shares.areQuiet).toBe(false);
    expect(await shares.quiet(AbortSignal.abort())).toEqual([]);
    expect(shares.areQuiet).toBe(true);
  });

  it('is not drained, nor committed, while a record has no outcome', async () => {
    const { shares, known } = sharesOf({ flush, dataSource: 'clicks', offer: () => true });
    const taken = shares.take([place]);
    known[0]?.();
    await taken;
    expect([await shares.drained(AbortSignal.abort()), shares.areCommitted]).toEqual([true, true]);
    await shares.put('clicks', 0, [record], 8);
    expect([await shares.drained(AbortSignal.abort()), shares.areCommitted]).toEqual([false, false]);
  });

  it('tells places apart by whether their events may be staged', async () => {
    const destination = { flush, dataSource: 'clicks', mayBeStaged: false, read: () => empty };
    const empty = { events: [], refused: [], filtered: 1 };
    const { shares, known } = sharesOf({ ...destination, offer: () => undefined, prepare: () => undefined });
    const taken = shares.take([place]);
    known[0]?.();
    await taken;
    await shares.put('clicks', 0, [record], 8);
    await shares.drained(AbortSignal.timeout(10_000));
    const moved = [{ topic: 'clicks', partition: 0, offset: 8 }];
    expect([shares.moved(), shares.moved('others'), shares.moved('staged')]).toEqual([moved, moved, []]);
  });

  it('has a lag before the first records come, and while none do', async () => {
    const { shares, known } = sharesOf({ flush, dataSource: 'clicks', offer: () => true });
    const taken = shares.take([{ ...place, end: 10 }]);
    known[0]?.();
    await taken;
    const lag = (): number | undefined => shares.status[0]?.lag;
    expect(lag()).toBe(3);
    shares.grown('clicks', 0, 1_000);
    expect(lag()).toBe(993);
    await shares.put('clicks', 0, [record], 1_001);
    expect(lag()).toBe(994);
    shares.grown('views', 0, 5_000);
    expect(lag()).toBe(994);
  });
});

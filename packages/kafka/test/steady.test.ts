import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Steady } from '../src/steady.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Work that takes so long each time, and goes well or not. @returns when it was begun. */
function begins(takes: number, isWell: boolean): { readonly begun: number[]; readonly steady: Steady } {
  const begun: number[] = [];
  const start = performance.now();
  const work = async (): Promise<boolean> => {
    begun.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, takes));
    return isWell;
  };
  return { begun, steady: new Steady({ every: 100, isDue: (since) => since >= 100, work }) };
}

it('is not begun again while it is under way', async () => {
  const { begun, steady } = begins(250, true);
  await vi.advanceTimersByTimeAsync(750);
  steady.stop();
  expect(begun).toEqual([100, 400, 700]);
});

it('rests for as long as it took when it did not go well', async () => {
  const { begun, steady } = begins(250, false);
  await vi.advanceTimersByTimeAsync(750);
  steady.stop();
  expect(begun).toEqual([100, 600]);
});

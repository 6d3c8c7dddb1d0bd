import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/time/clock.js';
import { timerMillis } from '../../src/time/timer-millis.js';

describe('the system’s clock', () => {
  it.each([2 ** 31, 2 ** 33, Infinity])('sleeps for %d ms, which is longer than a timer can', async (millis) => {
    const waking = new AbortController();
    const asleep = systemClock.sleep(millis, waking.signal).then(
      () => 'over',
      (reason: unknown) => reason,
    );
    await systemClock.sleep(5);
    waking.abort('woken');
    expect(await asleep).toBe('woken');
  });

  it('sleeps for no time', async () => {
    expect(await systemClock.sleep(0)).toBeUndefined();
  });
});

it.each([
  [-1, 1],
  [0, 1],
  [1.6, 2],
  [86_400_000, 86_400_000],
  [2 ** 31, 2 ** 31 - 1],
  [Infinity, 2 ** 31 - 1],
])('a timer for %d ms waits for %d', (millis, timer) => {
  expect(timerMillis(millis)).toBe(timer);
});

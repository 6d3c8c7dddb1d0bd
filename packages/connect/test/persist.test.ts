import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { persist, type Persistence } from '../src/persist.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const persistence = (changes: Partial<Persistence> = {}): Persistence => ({
  isWanted: () => true,
  signal: new AbortController().signal,
  mayPass: () => true,
  onTrouble: () => undefined,
  ...changes,
});

it('tries again after pauses that double, up to half a minute', async () => {
  const begun: number[] = [];
  const attempt = (): Promise<void> => {
    begun.push(Date.now());
    return begun.length <= 9 ? Promise.reject(new Error('away')) : Promise.resolve();
  };
  const done = persist(attempt, persistence());
  await vi.runAllTimersAsync();
  expect(await done).toBe(true);
  const pauses = begun.slice(1).map((time, index) => time - (begun[index] ?? 0));
  expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

it('tells of what may pass, and throws what does not', async () => {
  const told: unknown[] = [];
  const errors = [new Error('away'), new Error('never')];
  const attempt = (): Promise<void> => Promise.reject(errors[told.length] ?? new Error('too often'));
  const mayPass = (error: unknown): boolean => error === errors[0];
  const done = expect(persist(attempt, persistence({ mayPass, onTrouble: (error) => told.push(error) }))).rejects.toBe(
    errors[1],
  );
  await vi.runAllTimersAsync();
  await done;
  expect(told).toEqual([errors[0]]);
});

it('gives up at once where it is no longer wanted', async () => {
  const ending = new AbortController();
  let attempts = 0;
  const attempt = (): Promise<void> => {
    attempts++;
    return Promise.reject(new Error('away'));
  };
  const isWanted = (): boolean => !ending.signal.aborted;
  const done = persist(attempt, persistence({ isWanted, signal: ending.signal }));
  await vi.advanceTimersByTimeAsync(100);
  ending.abort();
  expect([await done, attempts]).toEqual([false, 1]);
});

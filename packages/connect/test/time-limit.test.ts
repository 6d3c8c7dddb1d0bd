import { expect, it } from 'vitest';
import { timeLimit } from '../src/time-limit.js';

const hour = 3_600_000;

it('a limit aborts with its time, or before with the signal', async () => {
  const short = timeLimit(1);
  await expect.poll(() => short.aborted).toBe(true);
  const impatient = new AbortController();
  const long = timeLimit(hour, impatient.signal);
  expect(long.aborted).toBe(false);
  impatient.abort();
  expect(long.aborted).toBe(true);
  expect(timeLimit(hour, impatient.signal).aborted).toBe(true);
});

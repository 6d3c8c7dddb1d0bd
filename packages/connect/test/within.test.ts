import { expect, it } from 'vitest';
import { within } from '../src/within.js';

const never = new Promise<number>(() => undefined);

it('gives what comes in time', async () => {
  expect(await within(Promise.resolve(1), new AbortController().signal)).toBe(1);
});

it('waits no longer than it may', async () => {
  const end = new AbortController();
  const waiting = within(never, end.signal);
  end.abort();
  expect(await waiting).toBeUndefined();
  expect(await within(never, AbortSignal.abort())).toBeUndefined();
});

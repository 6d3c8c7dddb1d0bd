import { TranquilityError } from '@tranquility-js/core';
import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { Preparation } from '../src/preparation.js';
import type { StreamRecord } from '../src/record.js';

const record: StreamRecord<number> = {
  ...{ position: 0, next: 1, key: null, value: Buffer.from('x'), headers: {}, timestamp: 0 },
};
const ever = new AbortController().signal;

const preparation = (prepare: () => Promise<void> | undefined): Preparation<number> =>
  new Preparation({ prepare, isWanted: () => true, closing: ever, onTrouble: () => undefined });

it('has nothing to wait for where nothing is needed', () => {
  expect(preparation(() => undefined).of(record, ever)).toBeUndefined();
});

it('goes on when the wait is ended, and is not begun twice', async () => {
  let begun = 0;
  let arrive = (): void => undefined;
  const prepare = (): Promise<void> => {
    begun++;
    return new Promise((resolve) => (arrive = resolve));
  };
  const prepared = preparation(prepare);
  const patience = new AbortController();
  const first = prepared.of(record, patience.signal);
  patience.abort();
  expect(await first).toBe(false);
  const second = prepared.of(record, ever);
  arrive();
  expect([await second, begun]).toEqual([true, 1]);
});

it('leaves no listener behind', async () => {
  const patience = new AbortController();
  const prepared = preparation(() => Promise.resolve());
  for (let position = 0; position < 3; position++) {
    expect(await prepared.of({ ...record, position }, patience.signal)).toBe(true);
  }
  expect(getEventListeners(patience.signal, 'abort')).toEqual([]);
});

it('tells what does not pass', async () => {
  const error = new TranquilityError('TRQ_REGISTRY_REFUSED', 'No.');
  await expect(preparation(() => Promise.reject(error)).of(record, ever)).rejects.toBe(error);
});

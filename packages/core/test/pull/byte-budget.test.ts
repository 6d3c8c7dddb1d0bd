import { expect, it } from 'vitest';
import { ByteBudget } from '../../src/pull/byte-budget.js';

const { signal } = new AbortController();

it('lets those wait who ask for more than is left, in turn', async () => {
  const budget = new ByteBudget(10);
  const first = await budget.reserve(8, signal);
  const order: string[] = [];
  const second = budget.reserve(5, signal).then((reservation) => {
    order.push('second');
    return reservation;
  });
  const third = budget.reserve(1, signal).then(() => order.push('third'));
  first.resize(6);
  expect(budget.free).toBe(4);
  first.release();
  first.release();
  await Promise.all([second, third]);
  expect(order).toEqual(['second', 'third']);
  expect(budget.free).toBe(4);
});

it('counts what turned out to be more than was asked for, also beyond what there is', async () => {
  const budget = new ByteBudget(10);
  const large = await budget.reserve(1, signal);
  large.resize(25);
  expect(budget.free).toBe(-15);
  let isServed = false;
  const small = budget.reserve(1, signal).then(() => {
    isServed = true;
  });
  large.resize(10);
  await Promise.resolve();
  expect(isServed).toBe(false);
  large.release();
  await small;
  expect(budget.free).toBe(9);
});

it('gives whole what leaves half of it to others, and shares from then on', async () => {
  const budget = new ByteBudget(100);
  expect(budget.fair(60, 5)).toBe(5);
  const asked: number[] = [];
  for (let times = 0; times < 6; times++) {
    asked.push(budget.fair(20, 5));
    await budget.reserve(asked.at(-1) ?? 0, signal);
  }
  expect(asked).toEqual([20, 20, 5, 5, 5, 5]);
  expect(budget.fair(3, 5)).toBe(3);
  expect(budget.fair(20, 0)).toBe(1);
});

it('forgets one that waits and gives up', async () => {
  const budget = new ByteBudget(10);
  const all = await budget.reserve(100, signal);
  const leaving = new AbortController();
  const gone = budget.reserve(10, leaving.signal);
  const next = budget.reserve(1, signal);
  leaving.abort(new Error('gone'));
  await expect(gone).rejects.toThrow('gone');
  all.release();
  await next;
  expect(budget.free).toBe(9);
});

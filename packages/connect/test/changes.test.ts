import { expect, it } from 'vitest';
import { Changes } from '../src/changes.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const ever = new AbortController().signal;

it('wakes those for whom it is so, and has the others go on waiting', async () => {
  const changes = new Changes();
  const woken: string[] = [];
  let [first, second] = [false, false];
  void changes.until(() => first, ever).then(() => woken.push('first'));
  void changes.until(() => second, ever).then(() => woken.push('second'));
  first = true;
  changes.tell();
  await turn();
  expect([woken, changes.areAwaited]).toEqual([['first'], true]);
  second = true;
  changes.tell();
  await turn();
  expect([woken, changes.areAwaited]).toEqual([['first', 'second'], false]);
});

it('waits not at all for what is so, nor where the wait is ended', async () => {
  const changes = new Changes();
  const ending = new AbortController();
  await changes.until(() => true, ever);
  const ended = changes.until(() => false, ending.signal);
  ending.abort();
  await ended;
  await changes.until(() => false, ending.signal);
});

it('forgets a wait that was ended, though nothing has changed', async () => {
  const changes = new Changes();
  const ending = new AbortController();
  const ended = changes.until(() => false, ending.signal);
  expect(changes.areAwaited).toBe(true);
  ending.abort();
  await ended;
  expect(changes.areAwaited).toBe(false);
});

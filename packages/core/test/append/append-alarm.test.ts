import { expect, it } from 'vitest';
import { TaskWatch } from '../../src/append/append-alarm.js';

it('a task that waits for long is told of, with what it waits for, until it runs', () => {
  const watch = new TaskWatch('append_clicks_1');
  expect(watch.judge('PENDING', 0)).toBeUndefined();
  expect(watch.judge('PENDING', 119_000)).toBeUndefined();
  expect(watch.judge('PENDING', 120_000)).toEqual({
    reason: 'waiting',
    message: expect.stringMatching(/^The task append_clicks_1 is PENDING, and has been for 120 s: no worker/) as string,
  });
  expect(watch.judge('WAITING', 180_000)?.message).toContain('for 180 s: another task has the lock of its interval');
  expect(watch.judge('RUNNING', 190_000)).toBeUndefined();
  expect(watch.judge('PENDING', 200_000)).toBeUndefined();
});

it('a task that runs for very long is told of, with what may be in its way', () => {
  const watch = new TaskWatch('append_clicks_1');
  expect(watch.judge('PENDING', 0)).toBeUndefined();
  expect(watch.judge('RUNNING', 100_000)).toBeUndefined();
  expect(watch.judge('RUNNING', 1_299_000)).toBeUndefined();
  expect(watch.judge('RUNNING', 1_300_000)).toEqual({
    reason: 'waiting',
    message: expect.stringMatching(
      /^The task append_clicks_1 is RUNNING, and has been for 1200 s: it may wait for the lock of an interval/,
    ) as string,
  });
  expect(watch.judge('UNKNOWN', 1_400_000)).toBeUndefined();
  expect(watch.judge('RUNNING', 1_500_000)).toBeUndefined();
});

import { expect, it } from 'vitest';
import { QueueWatch } from '../../src/append/append-alarm.js';

it('a task that waits for long is told of, with what it waits for, until it runs', () => {
  const queue = new QueueWatch('append_clicks_1');
  expect(queue.judge('PENDING', 0)).toBeUndefined();
  expect(queue.judge('PENDING', 119_000)).toBeUndefined();
  expect(queue.judge('PENDING', 120_000)).toEqual({
    reason: 'waiting',
    message: expect.stringMatching(/^The task append_clicks_1 is PENDING, and has been for 120 s: no worker/) as string,
  });
  expect(queue.judge('WAITING', 180_000)?.message).toContain('for 180 s: another task has the lock of its interval');
  expect(queue.judge('RUNNING', 190_000)).toBeUndefined();
  expect(queue.judge('PENDING', 200_000)).toBeUndefined();
});

import { describe, expect, it } from 'vitest';
import { statusLine } from '../src/push/report.js';

const counters = {
  received: 1_234_570,
  sent: 1_234_000,
  dropped: { late: 12, early: 3 },
  failed: 0,
  lost: 0,
  batches: 9,
  bytes: 9,
  retries: 0,
  tasksCreated: 3,
  tasksAdopted: 1,
};

describe('the line of progress', () => {
  it('has what was sent, the drops by reason, the tasks and the rate', () => {
    expect(statusLine('flights', counters, 2, 48_140.4)).toBe(
      'flights: 1,234,572 read  1,234,000 sent  48,140/s  4 tasks  17 dropped (late 12, early 3, unparseable 2)',
    );
  });

  it('has failures and retries where there are any, and the tasks also while there are none', () => {
    const starting = { ...counters, dropped: {}, failed: 1, retries: 2, tasksCreated: 0, tasksAdopted: 0 };
    expect(statusLine('flights', starting, 0, 0)).toBe(
      'flights: 1,234,570 read  1,234,000 sent  0/s  0 tasks  0 dropped  1 failed  2 retries',
    );
  });
});

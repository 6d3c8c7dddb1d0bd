import { beforeEach, describe, expect, it } from 'vitest';
import type { BatchPlan } from '../../src/append/batch-plan.js';
import { WaitingRows } from '../../src/append/waiting-rows.js';
import type { JournalLog } from '../../src/journal/journal-log.js';
import { ManualClock } from '../support/manual-clock.js';

/** A log of rows of ten bytes, from its start, of which some are shown. */
class Rows {
  startOffset = 0;
  tail = 0;
  shown = Infinity;

  get endOffset(): number {
    return Math.min(this.shown, this.tail);
  }

  get size(): number {
    return 10 * (this.tail - this.startOffset);
  }

  countFrom(offset: number): number {
    return Math.max(0, this.endOffset - Math.max(offset, this.startOffset));
  }
}

describe('rows that wait to be cut off', () => {
  let log: Rows;
  let plan: { next: number };
  let clock: ManualClock;
  const waitingRows = (): WaitingRows =>
    new WaitingRows(log as unknown as JournalLog, plan as unknown as BatchPlan, clock);

  beforeEach(() => {
    [log, plan, clock] = [new Rows(), { next: 0 }, new ManualClock(0)];
  });

  it('are as old as the first that is left', () => {
    const waiting = waitingRows();
    for (let k = 0; k < 3; k++) {
      log.tail += 10;
      waiting.came();
      clock.advance(1_000);
    }
    expect(waiting).toMatchObject({ count: 30, bytes: 300, age: 3_000 });
    plan.next = 15;
    waiting.wereCut(150);
    expect(waiting).toMatchObject({ count: 15, bytes: 150, age: 2_000 });
    plan.next = 30;
    waiting.wereCut(150);
    expect(waiting).toMatchObject({ count: 0, bytes: 0, age: 0 });
  });

  it('of an earlier process count with their bytes', () => {
    [log.tail, plan.next] = [40, 10];
    const waiting = waitingRows();
    clock.advance(500);
    expect(waiting).toMatchObject({ count: 30, bytes: 300, age: 500 });
  });

  it('keep their bytes when others are removed, or are not shown yet', () => {
    log.tail = 20;
    const waiting = waitingRows();
    [plan.next, log.shown] = [10, 10];
    waiting.wereCut(100);
    log.startOffset = 10;
    waiting.wereRemoved(100);
    log.shown = Infinity;
    expect(waiting).toMatchObject({ count: 10, bytes: 100 });
  });

  it('keep the age of the first, however many come', () => {
    const waiting = waitingRows();
    for (let k = 0; k < 3_000; k++) {
      log.tail++;
      waiting.came();
      clock.advance(100);
    }
    expect(waiting.age).toBe(300_000);
    plan.next = 2_990;
    waiting.wereCut(29_900);
    expect(waiting).toMatchObject({ count: 10, bytes: 100, age: 1_000 });
  });
});

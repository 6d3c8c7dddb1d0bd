import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TranquilityError } from '../../src/errors/tranquility-error.js';
import { dropped, failed, type Outcome } from '../../src/event/outcome.js';
import type { Receipt } from '../../src/sender/delivery-queue.js';
import { InOrder } from '../../src/sender/in-order.js';

const late = dropped('late', 'too late');

/** Settles events of several batches, each from its first to its last, the batches in any order. */
function settle(batch: readonly { event: unknown; receipt: Receipt; outcome: Outcome }[]): void {
  const events = batch.map(({ event }) => event);
  for (let at = 0; at < batch.length; at++) {
    const { event, receipt, outcome } = batch[at] ?? expect.fail();
    if (outcome.status !== 'sent') receipt.undelivered(event, outcome);
    else {
      let count = 1;
      while (batch[at + count]?.receipt === receipt && batch[at + count]?.outcome.status === 'sent') count++;
      receipt.sent(count, events, at);
      at += count - 1;
    }
  }
}

describe('outcomes in order', () => {
  it('come in the order of their events, whatever batch these were in and when it was settled', () => {
    const event = fc.record({
      batch: fc.nat(3),
      outcome: fc.constantFrom<Outcome>({ status: 'sent' }, late, failed(new TranquilityError('TRQ_ABORTED', 'over'))),
      isSettledAtOnce: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 50 }), fc.nat(49), (events, firstLot) => {
        const told: [number, string][] = [];
        const order = new InOrder<number>((index, { status }) => told.push([index, status]));
        for (const [start, end] of [
          [0, firstLot],
          [firstLot, events.length],
        ] as const) {
          const batches = new Map<number, { event: number; receipt: Receipt; outcome: Outcome }[]>();
          for (let index = start; index < Math.min(end, events.length); index++) {
            const { batch, outcome, isSettledAtOnce } = events[index] ?? expect.fail();
            const receipt = order.receipt(index);
            if (isSettledAtOnce && outcome.status !== 'sent') receipt.undelivered(index, outcome);
            else batches.set(batch, [...(batches.get(batch) ?? []), { event: index, receipt, outcome }]);
          }
          for (const batch of [...batches.values()].reverse()) settle(batch);
        }
        expect(order.waiting).toBe(0);
        expect(told).toEqual(events.map(({ outcome }, index) => [index, outcome.status]));
      }),
    );
  });

  it('are told as soon as those before are, not only when all of a batch are', () => {
    const told: unknown[] = [];
    const order = new InOrder<string>((event) => told.push(event));
    const receipts = ['a', 'b', 'c'].map((event) => order.receipt(event));
    receipts[1]?.sent(1, ['b'], 0);
    expect([told, order.waiting]).toEqual([[], 3]);
    receipts[0]?.sent(1, ['a'], 0);
    expect([told, order.waiting]).toEqual([['a', 'b'], 1]);
  });

  it('are right for an object that is written again and again', () => {
    const told: string[] = [];
    const order = new InOrder<object>((_, { status }) => told.push(status));
    const event = {};
    const receipt = order.receipt(event);
    expect(order.receipt(event)).toBe(receipt);
    receipt.sent(1, [event], 0);
    receipt.undelivered(event, late);
    expect(told).toEqual(['sent', 'dropped']);
  });

  it('may be told to one who writes the next event', () => {
    const told: number[] = [];
    const order = new InOrder<number>((event) => {
      told.push(event);
      if (event < 3) order.receipt(event + 1).undelivered(event + 1, late);
    });
    order.receipt(0).sent(1, [0], 0);
    expect([told, order.waiting]).toEqual([[0, 1, 2, 3], 0]);
  });
});

import { describe, expect, it } from 'vitest';
import { Slots } from '../../src/append/slots.js';

const never = new AbortController().signal;

describe('slots', () => {
  it('are given in the order in which they were asked for', async () => {
    const slots = new Slots(1);
    const order: string[] = [];
    await slots.take(never);
    const waiting = ['a', 'b', 'c'].map((name) => slots.take(never).then(() => order.push(name)));
    expect(slots.isFree).toBe(false);
    for (let given = 0; given < 3; given++) {
      slots.give();
      await waiting[given];
    }
    expect(order).toEqual(['a', 'b', 'c']);
  });

  it('become more and fewer', async () => {
    const slots = new Slots(1);
    await slots.take(never);
    const second = slots.take(never);
    slots.resize(2);
    await second;
    slots.resize(1);
    slots.give();
    expect(slots.isFree).toBe(false);
    slots.give();
    expect(slots.isFree).toBe(true);
  });

  it('are not held up by one who waits no more', async () => {
    const slots = new Slots(1);
    slots.seize();
    const giving = new AbortController();
    const first = slots.take(giving.signal);
    const second = slots.take(never);
    giving.abort(new Error('no more'));
    await expect(first).rejects.toThrow('no more');
    slots.give();
    await second;
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Prefix, type Stretch } from '../src/prefix.js';

describe('a prefix', () => {
  it('moves over a stretch when all before it are settled', () => {
    let moves = 0;
    const prefix = new Prefix<number>(() => moves++);
    const [first, second] = [prefix.open(), prefix.open()];
    first.expect(2);
    second.expect(1);
    first.close(10);
    second.close(20);
    second.settle(1);
    expect([prefix.settled, moves]).toEqual([undefined, 0]);
    first.settle(1);
    expect(prefix.isComplete).toBe(false);
    first.settle(1);
    expect([prefix.settled, moves, prefix.isComplete]).toEqual([20, 1, true]);
  });

  it('never moves over what is unsettled, and always over what is', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 4 }), { maxLength: 12 }), fc.infiniteStream(fc.nat()), (sizes, order) => {
        const prefix = new Prefix<number>(() => undefined);
        const open: { stretch: Stretch<number>; left: number; end: number }[] = sizes.map((size, at) => {
          const stretch = prefix.open();
          stretch.expect(size);
          stretch.close(at + 1);
          return { stretch, left: size, end: at + 1 };
        });
        for (;;) {
          const expected = open.findIndex(({ left }) => left > 0);
          const settled = expected === -1 ? open.length : expected;
          expect(prefix.settled ?? 0).toBe(settled);
          const unsettled = open.filter(({ left }) => left > 0);
          if (unsettled.length === 0) break;
          const one = unsettled[(order.next().value as number) % unsettled.length];
          if (one === undefined) break;
          one.left--;
          one.stretch.settle(1);
        }
        expect(prefix.isComplete).toBe(true);
      }),
    );
  });
});

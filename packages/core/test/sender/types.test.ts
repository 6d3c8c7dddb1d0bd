import { expectTypeOf, it } from 'vitest';
import { createSender, type Sender, type SenderTarget, type Target } from '../../src/index.js';

class Order {
  readonly at = new Date();
}
const config = {};

it('infers what the events are from what is given for them', () => {
  const byMap = () => createSender({ config, map: (order: Order) => ({ time: order.at }) });
  expectTypeOf(byMap).returns.resolves.toEqualTypeOf<Sender<Order>>();
  const infer = <E>(target: Target<E>) => ({ target, take: (event: E): E => event }).take;
  expectTypeOf(infer({ config, timestamp: ({ at }: Order) => at }))
    .parameter(0)
    .toEqualTypeOf<Order>();
  expectTypeOf(infer({ config, map: (order: Order) => order }))
    .parameter(0)
    .toEqualTypeOf<Order>();
  expectTypeOf(infer({ config })).parameter(0).toBeUnknown();
});

it('takes events of the type, and bytes', () => {
  expectTypeOf<Sender<Order>['send']>().parameter(0).toEqualTypeOf<Order | Uint8Array>();
  expectTypeOf<Sender['send']>().parameter(0).toBeUnknown();
  expectTypeOf<SenderTarget<Order>['map']>().toEqualTypeOf<((event: Order) => unknown) | undefined>();
});

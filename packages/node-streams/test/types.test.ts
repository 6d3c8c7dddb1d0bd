import type { WritableStream } from 'node:stream/web';
import { createSender, type Sender } from '@tranquility-js/core';
import { expectTypeOf, it } from 'vitest';
import {
  createDruidTransform,
  createDruidWritable,
  createDruidWritableStream,
  sendFrom,
  type DropReport,
  type DruidTransform,
  type DruidWritable,
} from '../src/index.js';

class Order {
  readonly at = new Date();
}
const target = { config: {}, timestamp: (order: Order) => order.at };

it('infers what the events are from the target', () => {
  const [writable, transform, web] = [
    () => createDruidWritable(target),
    () => createDruidTransform(target),
    () => createDruidWritableStream(target),
  ];
  expectTypeOf(writable).returns.toEqualTypeOf<DruidWritable<Order>>();
  expectTypeOf(transform).returns.toEqualTypeOf<DruidTransform<Order>>();
  expectTypeOf(web).returns.toEqualTypeOf<WritableStream<Order | Uint8Array | string>>();
  expectTypeOf<DropReport<Order>['event']>().toEqualTypeOf<Order | Uint8Array | string>();
  const ofSender = (sender: Sender<Order>) => createDruidWritable(sender);
  expectTypeOf(ofSender).returns.toEqualTypeOf<DruidWritable<Order>>();
  expectTypeOf(createSender<Order>).returns.resolves.toEqualTypeOf<Sender<Order>>();
});

it('refuses an iterable of anything else', () => {
  expectTypeOf(sendFrom<Order>)
    .parameter(0)
    .toEqualTypeOf<Iterable<Order | Uint8Array> | AsyncIterable<Order | Uint8Array>>();
  // @ts-expect-error: texts are no orders
  const send = () => sendFrom(['text'], target);
  expectTypeOf(send).returns.resolves.toHaveProperty('sent');
});

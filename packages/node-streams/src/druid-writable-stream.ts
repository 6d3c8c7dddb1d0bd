import { WritableStream } from 'node:stream/web';
import type { Target } from '@tranquility-js/core';
import { Feeder } from './feeder.js';
import type { DeliveryReport, DropReport, DruidStreamOptions } from './options.js';

export interface DruidWritableStreamOptions extends DruidStreamOptions {
  /** Told about each event that is dropped. */
  readonly dropped?: (report: DropReport) => void;
  /** Told about each batch that Druid has acknowledged. */
  readonly delivered?: (report: DeliveryReport) => void;
}

/**
 * Makes a WHATWG WritableStream that sends what is written to Druid: `response.body.pipeTo(createDruidWritableStream(target, { format: 'ndjson' }))`.
 * Closing it waits until Druid has acknowledged every event that was not dropped; aborting it gives up what is under way.
 * @param target a config and its dataSource, for a sender of its own; or a sender, which is left open.
 */
export function createDruidWritableStream(
  target: Target,
  options: DruidWritableStreamOptions = {},
): WritableStream<unknown> {
  const { highWaterMark = 16, signal } = options;
  let fail: (error: Error) => void = () => undefined;
  const feeder = new Feeder(options, {
    sent: (count) => options.delivered?.({ count }),
    dropped: (report) => options.dropped?.(report),
    failed: (error) => {
      fail(error);
    },
  });
  return new WritableStream<unknown>(
    {
      async start(controller) {
        fail = (error) => {
          controller.error(error);
          void feeder.close();
        };
        signal?.addEventListener('abort', () => {
          fail(signal.reason as Error);
        });
        signal?.throwIfAborted();
        await feeder.open(target);
      },
      async write(chunk) {
        if (!feeder.write(chunk)) await feeder.drained();
      },
      close: () => feeder.end(),
      abort: () => feeder.close(),
    },
    { highWaterMark },
  );
}

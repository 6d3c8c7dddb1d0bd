import { WritableStream } from 'node:stream/web';
import type { Target } from '@tranquility-js/core';
import { Feeder } from './feeder.js';
import type { DeliveryReport, DropReport, DruidStreamOptions } from './options.js';

export interface DruidWritableStreamOptions<E = unknown> extends DruidStreamOptions {
  /** Told about each event that is dropped. */
  readonly dropped?: (report: DropReport<E>) => void;
  /** Told about each batch that Druid has acknowledged. */
  readonly delivered?: (report: DeliveryReport) => void;
}

const [defaultChunks, defaultBytes] = [16, 65_536];

/**
 * Makes a WHATWG WritableStream that sends what is written to Druid: `response.body.pipeTo(createDruidWritableStream(target, { format: 'ndjson' }))`.
 * Closing it waits until Druid has acknowledged every event that was not dropped; aborting it gives up what is under way.
 * @param target a config and its dataSource, for a sender of its own; or a sender, which is left open.
 */
export function createDruidWritableStream<E = unknown>(
  target: Target<E>,
  options: DruidWritableStreamOptions<E> = {},
): WritableStream<E | Uint8Array | string> {
  const { format = 'objects', highWaterMark, signal } = options;
  const released = new AbortController();
  let fail: (error: Error) => void = () => undefined;
  const feeder = new Feeder<E>(options, {
    sent: (count) => options.delivered?.({ count }),
    dropped: (report) => options.dropped?.(report),
    failed: (error) => {
      fail(error);
    },
  });
  const release = async (): Promise<void> => {
    released.abort();
    await feeder.close();
  };
  return new WritableStream<unknown>(
    {
      async start(controller) {
        fail = (error) => {
          controller.error(error);
          void release();
        };
        // The types of Node 20 do not know the signal. `abort` below is called only when the write under way is done, and that may be waiting for room.
        (controller as unknown as { signal: AbortSignal }).signal.addEventListener('abort', () => void release(), {
          once: true,
        });
        signal?.throwIfAborted();
        signal?.addEventListener('abort', () => fail(signal.reason as Error), { once: true, signal: released.signal });
        await feeder.open(target);
      },
      async write(chunk) {
        await feeder.write(chunk);
      },
      async close() {
        await feeder.end();
        released.abort();
      },
      abort: release,
    },
    format === 'objects'
      ? { highWaterMark: highWaterMark ?? defaultChunks }
      : { highWaterMark: highWaterMark ?? defaultBytes, size: (chunk) => (chunk as Uint8Array | string).length },
  );
}

import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { OpenAdapter } from '@tranquility-js/conformance';
import { createDruidTransform, createDruidWritable, sendFrom } from '../../src/index.js';

/** Resolves when so many are there; rejects when no more can come. */
function counter(): { add: (count: number) => void; reaches: (count: number) => Promise<void>; end: () => void } {
  let [seen, isOver] = [0, false];
  const checks = new Set<() => void>();
  const checkAll = (): void => {
    for (const check of checks) check();
  };
  return {
    add: (count) => {
      seen += count;
      checkAll();
    },
    end: () => {
      isOver = true;
      checkAll();
    },
    reaches: (count) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (seen >= count) resolve();
          else if (isOver) reject(new Error(`${seen} of ${count} were acknowledged`));
          else return;
          checks.delete(check);
        };
        checks.add(check);
        check();
      }),
  };
}

export const openWritable: OpenAdapter = (config) => {
  const writable = createDruidWritable({ config });
  const delivered = counter();
  let written = 0;
  writable.on('delivery', ({ count }) => {
    delivered.add(count);
  });
  writable.once('close', delivered.end);
  return Promise.resolve({
    deliver: (events) => {
      for (const event of events) writable.write(event);
      return delivered.reaches((written += events.length));
    },
    close: async () => {
      writable.end();
      await finished(writable);
    },
    crash: async () => {
      writable.destroy();
      if (!writable.closed) await once(writable, 'close');
    },
  });
};

export const openTransform: OpenAdapter = (config) => {
  const transform = createDruidTransform({ config });
  const passed = counter();
  let written = 0;
  transform.on('data', () => {
    passed.add(1);
  });
  transform.once('close', passed.end);
  return Promise.resolve({
    deliver: (events) => {
      for (const event of events) transform.write(event);
      return passed.reaches((written += events.length));
    },
    close: async () => {
      transform.end();
      await finished(transform);
    },
    crash: async () => {
      transform.destroy();
      if (!transform.closed) await once(transform, 'close');
    },
  });
};

export const openSendFrom: OpenAdapter = (config) => {
  const crash = new AbortController();
  const sendings: Promise<unknown>[] = [];
  return Promise.resolve({
    deliver: async (events) => {
      const sending = sendFrom(events, { config }, { signal: crash.signal });
      sendings.push(sending);
      const { sent } = await sending;
      if (sent !== events.length) throw new Error(`${sent} of ${events.length} were acknowledged`);
    },
    close: async () => {
      await Promise.all(sendings);
    },
    crash: async () => {
      crash.abort();
      await Promise.allSettled(sendings);
    },
  });
};

import type { Readable } from 'node:stream';
import { timerMillis } from '@tranquility-js/core/internal';
import { idleMillisOf } from '../idle-time.js';
import type { ServerProperties } from '../properties.js';
import { Problem } from './problem.js';

export interface BodyLimits {
  /** The most bytes, as they are sent. */
  readonly maxBodyBytes: number;
  /** How fast they must come, on average of the time that we wait for them. */
  readonly minBytesPerSecond: number;
  /** The longest wait for any of them. */
  readonly idleMillis: number;
}

export const bodyLimitsOf = (properties: ServerProperties): BodyLimits => ({
  maxBodyBytes: properties['http.maxBodyBytes'],
  minBytesPerSecond: properties['http.minBytesPerSecond'],
  idleMillis: idleMillisOf(properties),
});

/** How long a client may keep us waiting before its pace counts. */
const graceMillis = 20_000;

/**
 * The chunks of a body, as they were sent. What is left when reading ends early is not touched.
 * @throws Problem 408 for a client that is too slow, 413 for a body that is too large; what the connection throws.
 */
export async function* receivedChunks(body: Readable, limits: BodyLimits): AsyncGenerator<Buffer, void, undefined> {
  const chunks = body.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  let [bytes, waited] = [0, 0];
  try {
    for (;;) {
      const start = performance.now();
      const left = graceMillis + (bytes / limits.minBytesPerSecond) * 1000 - waited;
      const next = await inTime(chunks.next(), Math.min(left, limits.idleMillis));
      waited += performance.now() - start;
      if (next.done === true) return;
      bytes += next.value.length;
      if (bytes > limits.maxBodyBytes) throw tooLarge('http.maxBodyBytes', limits.maxBodyBytes);
      yield next.value;
    }
  } finally {
    // While a chunk is awaited this would wait too.
    void chunks.return?.();
  }
}

/** The chunks, as long as they are not more than so many bytes in all. @throws Problem 413. */
export async function* atMost(
  chunks: AsyncIterable<Buffer>,
  most: number,
  property: string,
): AsyncGenerator<Buffer, void, undefined> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > most) throw tooLarge(property, most);
    yield chunk;
  }
}

function tooLarge(property: string, most: number): Problem {
  return new Problem(413, 'The body is too large', {
    more: [`${property} allows ${most} bytes. Send less at a time.`],
  });
}

async function inTime<T>(promise: Promise<T>, millis: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Problem(408, 'The body comes too slowly', { headers: { connection: 'close' } }));
    }, timerMillis(millis));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

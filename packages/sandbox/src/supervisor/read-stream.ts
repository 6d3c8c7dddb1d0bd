import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaAccess } from './kafka-access.js';
import { KafkaStream, type Fetched } from './kafka-stream.js';

/** How long to wait until a stream that failed is tried again, in milliseconds of the machine's clock. */
const pause = 100;

export interface Reading {
  readonly access: KafkaAccess;
  readonly topic: string;
  /** Where to read each partition on; one that is done is missing. Asked before each request. */
  readonly positions: () => ReadonlyMap<number, number>;
  /** Must not fail. */
  readonly take: (fetched: Fetched) => Promise<void>;
  /** Ends the reading. */
  readonly signal: AbortSignal;
}

/** Reads partitions until all are done, or it is ended. A stream that cannot be reached is tried again for ever, as Kafka's clients do. */
export async function readStream(reading: Reading): Promise<void> {
  const { signal, positions } = reading;
  while (!signal.aborted && positions().size > 0) {
    try {
      await readWhileConnected(reading);
    } catch {
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function readWhileConnected(reading: Reading): Promise<void> {
  const { access, topic, positions, signal } = reading;
  const stream = await KafkaStream.open(access, topic);
  const close = (): void => void stream.close();
  signal.addEventListener('abort', close);
  try {
    if (signal.aborted) return;
    const leaders = stream.leadersOf([...positions().keys()]);
    await Promise.all(leaders.map(({ node, partitions }) => readNode(stream, node, partitions, reading)));
  } finally {
    signal.removeEventListener('abort', close);
    await stream.close();
  }
}

async function readNode(
  stream: KafkaStream,
  node: string,
  partitions: readonly number[],
  { positions, take, signal }: Reading,
): Promise<void> {
  const own = new Set(partitions);
  while (!signal.aborted) {
    const wanted = new Map([...positions()].filter(([partition]) => own.has(partition)));
    if (wanted.size === 0) return;
    for (const fetched of await stream.fetch(node, wanted)) await take(fetched);
  }
}

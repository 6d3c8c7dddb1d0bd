import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaStream } from './kafka-stream.js';
import type { Offsets } from './offset-store.js';
import { StreamFault } from './supervisor-health.js';
import type { SupervisorSpec } from './supervisor-spec.js';

/** Where the partitions of a stream begin and end. */
export interface StreamView {
  readonly earliest: Offsets;
  readonly latest: Offsets;
}

const pause = 100;

/**
 * Asks the stream, again and again while it cannot be reached.
 * @throws StreamFault when it stays so; the signal's reason when it aborts.
 */
export async function lookAtStream(spec: SupervisorSpec, signal: AbortSignal): Promise<StreamView> {
  const deadline = performance.now() + spec.streamTimeout;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await lookOnce(spec);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (performance.now() > deadline) throw new StreamFault(streamException, `${timedOut}: ${message}`);
      await sleep(pause, undefined, { signal });
    }
  }
}

async function lookOnce({ access, topic }: SupervisorSpec): Promise<StreamView> {
  const stream = await KafkaStream.open(access, topic);
  try {
    const [earliest, latest] = [await stream.offsets('earliest'), await stream.offsets('latest')];
    return { earliest, latest };
  } finally {
    await stream.close();
  }
}

const streamException = 'org.apache.druid.indexing.seekablestream.common.StreamException';
const timedOut = 'org.apache.kafka.common.errors.TimeoutException: Timeout expired while fetching topic metadata';

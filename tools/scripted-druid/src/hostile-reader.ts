import { hostileFrames } from './hostile-frames.js';
import { requests } from './kafka-requests.js';
import { RawReader } from './raw-reader.js';

/** What became of hostile frames. */
export interface HostileTally {
  /** That were answered as if they were none. */
  answered: number;
  /** That ended their connection. */
  refused: number;
  /** Of which the end did not come: their connection was given up. */
  unfinished: number;
}

const giveUpAfter = 100;

/**
 * Sends so many hostile frames, one by one, to a port, and sees what becomes of each: behind each goes a request that is
 * answered where the connection still stands. A connection that has ended is followed by another.
 */
export async function sendHostile(
  port: number,
  count: number,
  seed: number,
  topic: string,
  tally: HostileTally,
): Promise<void> {
  const frames = hostileFrames(seed, topic);
  const probe = requests.apiVersions(0);
  for (let sent = 0; sent < count;) {
    await using reader = new RawReader(port);
    for (let isOpen = true; isOpen && sent < count; sent++) {
      const fate = await send(reader, Buffer.concat([frames.next().value, probe]));
      tally[fate]++;
      isOpen = fate === 'answered';
    }
  }
}

/** Waits for the answers to a frame and the request behind it, or for the end. */
async function send(reader: RawReader, bytes: Buffer): Promise<keyof HostileTally> {
  const giveUp = new AbortController();
  giveUp.signal.addEventListener('abort', () => void reader[Symbol.asyncDispose](), { once: true });
  const timer = setTimeout(() => giveUp.abort(), giveUpAfter);
  void reader.send(bytes);
  const isAnswered = (await reader.answer()) !== undefined && (await reader.answer()) !== undefined;
  clearTimeout(timer);
  if (isAnswered) return 'answered';
  return giveUp.signal.aborted ? 'unfinished' : 'refused';
}

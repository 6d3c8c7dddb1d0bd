import type { FetchPartition } from './fetch-request.js';
import { findPartition } from './find-partition.js';
import type { Topics } from './topics.js';

interface Position extends FetchPartition {
  /** By `performance.now()`. */
  readonly askedAt: number;
}

/** A partition that was not asked for so long, in milliseconds, is no longer read. */
const forgottenAfter = 2_000;

/**
 * What one connection reads. Java clients from 3.0 to 3.8 have one Fetch under way to a node, and leave out of it what they still hold
 * records of. A Fetch of the idle partitions alone would then keep the busy ones waiting for as long as it waits itself.
 */
export class ReaderPositions {
  readonly #positions = new Map<string, Position>();

  /** Takes note of what is asked for. */
  note(partitions: readonly FetchPartition[], topics: Topics): void {
    const askedAt = performance.now();
    for (const [key, position] of this.#positions) {
      if (askedAt - position.askedAt > forgottenAfter) this.#positions.delete(key);
    }
    for (const partition of partitions) {
      if (findPartition(topics, partition.topic, partition.index).log === undefined) continue;
      this.#positions.set(`${partition.index}:${partition.topic}`, { ...partition, askedAt });
    }
  }

  /** Whether there is something to read in a partition that this connection reads, beside these. */
  hasMore(beside: readonly FetchPartition[], topics: Topics): boolean {
    const left = new Map(this.#positions);
    for (const { topic, index } of beside) left.delete(`${index}:${topic}`);
    return [...left.values()].some(({ topic, index, offset }) => {
      const { log } = findPartition(topics, topic, index);
      return log !== undefined && log.countFrom(offset) > 0;
    });
  }
}

import { windowBytes } from '../journal/file-window.js';
import type { PartitionLog } from '../journal/partition-log.js';
import type { ByteBudget } from './byte-budget.js';
import { kafkaErrors } from './kafka-errors.js';
import { findPartition } from './find-partition.js';
import type { Request } from './request.js';
import type { Topics } from './topics.js';
import { WireWriter } from './wire-writer.js';

const latest = -1;
const earliest = -2;
const none = -1;

/** An answer for one partition. */
interface Found {
  readonly error: number;
  readonly timestamp: number;
  readonly offset: number;
}

/**
 * Where partitions begin and end, and where a time is. All begin at 0, whatever is held: a reader whose place is no longer there
 * goes on behind the gap, where otherwise it would stand still for ever without an error that anybody sees.
 * @throws the signal's reason when it aborts before; what a log throws that cannot be read.
 */
export async function answerListOffsets(
  { body, version, flexible }: Request,
  topics: Topics,
  budget: ByteBudget,
  signal: AbortSignal,
): Promise<WireWriter> {
  const readPartition = (): { index: number; timestamp: number } => {
    const index = body.int32();
    if (version >= 4) body.int32();
    const timestamp = body.int64();
    body.tags();
    return { index, timestamp };
  };
  body.int32();
  if (version >= 2) body.int8();
  const asked = body.array(() => {
    const topic = { name: body.string(), partitions: body.array(readPartition) };
    body.tags();
    return topic;
  });
  const times = new TimeSearch(budget, signal);
  const answers: { name: string; partitions: (Found & { index: number })[] }[] = [];
  for (const { name, partitions } of asked) {
    const found: (Found & { index: number })[] = [];
    for (const { index, timestamp } of partitions) {
      found.push({ index, ...(await find(findPartition(topics, name, index), timestamp, times)) });
    }
    answers.push({ name, partitions: found });
  }
  const writer = new WireWriter(flexible);
  if (version >= 2) writer.int32(0);
  writer.array(answers, ({ name, partitions }) => {
    writer.string(name).array(partitions, ({ index, error, timestamp, offset }) => {
      writer.int32(index).int16(error).int64(timestamp).int64(offset);
      if (version >= 4) writer.int32(none);
      writer.tags();
    });
    writer.tags();
  });
  return writer.tags();
}

type Partition = ReturnType<typeof findPartition>;

async function find(partition: Partition, timestamp: number, times: TimeSearch): Promise<Found> {
  if (partition.log === undefined) return { error: partition.error, timestamp: none, offset: none };
  if (timestamp === earliest) return { error: kafkaErrors.none, timestamp: none, offset: 0 };
  if (timestamp === latest) return { error: kafkaErrors.none, timestamp: none, offset: partition.log.endOffset };
  if (timestamp < 0) return { error: kafkaErrors.invalidRequest, timestamp: none, offset: none };
  return times.find(partition.log, timestamp);
}

/** Looks for times in logs: each once, and one after the other, as each takes a piece of a log into memory. */
class TimeSearch {
  readonly #budget: ByteBudget;
  readonly #signal: AbortSignal;
  readonly #found = new Map<PartitionLog, Map<number, Found>>();

  constructor(budget: ByteBudget, signal: AbortSignal) {
    this.#budget = budget;
    this.#signal = signal;
  }

  async find(log: PartitionLog, timestamp: number): Promise<Found> {
    const ofLog = this.#found.get(log) ?? new Map<number, Found>();
    this.#found.set(log, ofLog);
    const found = ofLog.get(timestamp) ?? (await this.#lookFor(log, timestamp));
    ofLog.set(timestamp, found);
    return found;
  }

  async #lookFor(log: PartitionLog, timestamp: number): Promise<Found> {
    const reservation = await this.#budget.reserve(windowBytes, this.#signal);
    try {
      const found = await log.offsetOfTime(timestamp);
      return { error: kafkaErrors.none, timestamp: found?.timestamp ?? none, offset: found?.offset ?? none };
    } finally {
      reservation.release();
    }
  }
}

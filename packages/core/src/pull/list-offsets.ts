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
 */
export async function answerListOffsets({ body, version, flexible }: Request, topics: Topics): Promise<WireWriter> {
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
  const answers = await Promise.all(
    asked.map(async ({ name, partitions }) => ({
      name,
      partitions: await Promise.all(
        partitions.map(async ({ index, timestamp }) => ({ index, ...(await find(topics, name, index, timestamp)) })),
      ),
    })),
  );
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

async function find(topics: Topics, name: string, index: number, timestamp: number): Promise<Found> {
  const partition = findPartition(topics, name, index);
  if (partition.log === undefined) return { error: partition.error, timestamp: none, offset: none };
  if (timestamp === earliest) return { error: kafkaErrors.none, timestamp: none, offset: 0 };
  if (timestamp === latest) return { error: kafkaErrors.none, timestamp: none, offset: partition.log.endOffset };
  if (timestamp < 0) return { error: kafkaErrors.invalidRequest, timestamp: none, offset: none };
  const found = await partition.log.offsetOfTime(timestamp);
  return { error: kafkaErrors.none, timestamp: found?.timestamp ?? none, offset: found?.offset ?? none };
}

import type { Request } from './request.js';
import { WireWriter } from './wire-writer.js';

/** What there is of one partition. */
export interface FetchedPartition {
  readonly topic: string;
  readonly index: number;
  readonly error: number;
  /** The offset behind the last durable record; -1 when the partition is not served here. */
  readonly endOffset: number;
  readonly records: Buffer;
}

const noReplica = -1;

/** Writes the answer to a Fetch. A partition begins at 0, as in the answer to ListOffsets. */
export function writeFetched(
  { version, flexible }: Request,
  error: number,
  partitions: readonly FetchedPartition[],
): WireWriter {
  const byTopic = new Map<string, FetchedPartition[]>();
  for (const partition of partitions) {
    const known = byTopic.get(partition.topic);
    if (known === undefined) byTopic.set(partition.topic, [partition]);
    else known.push(partition);
  }
  const writer = new WireWriter(flexible);
  writer.int32(0);
  if (version >= 7) writer.int16(error).int32(0);
  writer.array([...byTopic], ([topic, ofTopic]) => {
    writer.string(topic).array(ofTopic, (partition) => {
      const { endOffset } = partition;
      writer.int32(partition.index).int16(partition.error).int64(endOffset).int64(endOffset);
      if (version >= 5) writer.int64(0);
      writer.array([], () => undefined);
      if (version >= 11) writer.int32(noReplica);
      writer.bytes(partition.records).tags();
    });
    writer.tags();
  });
  return writer.tags();
}

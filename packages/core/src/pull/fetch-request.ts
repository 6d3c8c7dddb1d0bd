import type { Request } from './request.js';

/** What is asked for of one partition. */
export interface FetchPartition {
  readonly topic: string;
  readonly index: number;
  readonly offset: number;
  readonly maxBytes: number;
}

/** A Fetch: give me what is there, and wait for it up to `maxWait` milliseconds until `minBytes` are. */
export interface FetchRequest {
  readonly maxWait: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  /** Not 0 for a client that goes on with a fetch session. We never begin one. */
  readonly session: number;
  /** Each once. */
  readonly partitions: readonly FetchPartition[];
}

/** Reads a Fetch up to its partitions; what follows them is of no use to us. Of a partition that is named twice, the last counts. */
export function readFetch({ body, version }: Request): FetchRequest {
  body.int32();
  const maxWait = body.int32();
  const minBytes = body.int32();
  const maxBytes = body.int32();
  body.int8();
  const session = version >= 7 ? body.int32() : 0;
  if (version >= 7) body.int32();
  const topics = body.array(() => {
    const topic = body.string();
    const partitions = body.array((): FetchPartition => {
      const index = body.int32();
      if (version >= 9) body.int32();
      const offset = body.int64();
      if (version >= 12) body.int32();
      if (version >= 5) body.int64();
      const partition = { topic, index, offset, maxBytes: body.int32() };
      body.tags();
      return partition;
    });
    body.tags();
    return partitions;
  });
  return { maxWait, minBytes, maxBytes, session, partitions: eachOnce(topics.flat()) };
}

function eachOnce(partitions: readonly FetchPartition[]): readonly FetchPartition[] {
  return [...new Map(partitions.map((partition) => [`${partition.index}:${partition.topic}`, partition])).values()];
}

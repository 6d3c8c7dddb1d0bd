import { createRequire } from 'node:module';

/** kafkajs's own way to write and to read, which knows nothing of ours. */
const inside = createRequire(import.meta.url);
const { RecordBatch } = inside('kafkajs/src/protocol/recordBatch/v0/index.js') as {
  RecordBatch: (batch: object) => Promise<{ readonly buffer: Buffer }>;
};
const writeRecord = inside('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (record: object) => object;
const sumOf = inside('kafkajs/src/protocol/recordBatch/crc32C/index.js') as (bytes: Buffer) => number;
const response = inside('kafkajs/src/protocol/requests/fetch/v11/response.js') as {
  decode: (bytes: Buffer) => Promise<KafkajsAnswer>;
};

export interface KafkajsAnswer {
  readonly responses: readonly { readonly partitions: readonly { readonly messages: readonly KafkajsMessage[] }[] }[];
}

interface KafkajsMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | Buffer[]>>;
}

export const readAsKafkajs = (answer: Buffer): Promise<KafkajsAnswer> => response.decode(answer);

interface GivenRecord {
  readonly offsetDelta: number;
  readonly timestampDelta?: number;
  readonly key?: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer | Buffer[]>>;
}

export interface GivenBatch {
  readonly firstOffset: number;
  readonly lastOffsetDelta: number;
  readonly compression?: number;
  readonly transactional?: boolean;
  readonly producerId?: number;
  readonly records: readonly GivenRecord[];
}

/** A batch as kafkajs's producer writes it. */
export async function batchOf({ records, firstOffset, producerId = -1, ...rest }: GivenBatch): Promise<Buffer> {
  const { buffer } = await RecordBatch({
    ...{ ...rest, firstOffset: BigInt(firstOffset), producerId: BigInt(producerId) },
    ...{ firstTimestamp: 1_772_706_000_000, maxTimestamp: 1_772_706_000_999 },
    records: records.map((record) => writeRecord({ key: null, ...record })),
  });
  return buffer;
}

/** Sets bits of a batch's attributes that no producer may. */
export function marked(batch: Buffer, bits: number): Buffer {
  batch.writeInt16BE(batch.readInt16BE(21) | bits, 21);
  return sealed(batch);
}

/** Gives a batch that was changed the checksum of what it says now. */
export function sealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(sumOf(batch.subarray(21)) >>> 0, 17);
  return batch;
}

export interface GivenPartition {
  readonly partition: number;
  readonly set: Buffer | null;
  readonly errorCode?: number;
  readonly aborted?: readonly { readonly producerId: number; readonly firstOffset: number }[] | null;
}

/** An answer to a fetch of version 11 for one topic. */
export function answerOf(topic: string, partitions: readonly GivenPartition[]): Buffer {
  return Buffer.concat([
    ...[int32(17), int16(0), int32(0), int32(1), int16(topic.length), Buffer.from(topic), int32(partitions.length)],
    ...partitions.flatMap(({ partition, set, errorCode = 0, aborted = [] }) => [
      ...[int32(partition), int16(errorCode), int64(100), int64(99), int64(0), int32(aborted?.length ?? -1)],
      ...(aborted ?? []).flatMap(({ producerId, firstOffset }) => [int64(producerId), int64(firstOffset)]),
      ...[int32(-1), int32(set?.length ?? -1), set ?? Buffer.alloc(0)],
    ]),
  ]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

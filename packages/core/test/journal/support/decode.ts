import { createRequire } from 'node:module';

interface Decoder {
  readonly offset: number;
  readonly buffer: Buffer;
}

interface KafkaBatch {
  readonly firstSequence: number;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly maxTimestamp: string;
  readonly records: readonly {
    readonly offset: string;
    readonly timestamp: string;
    readonly key: null;
    readonly value: Buffer;
  }[];
}

const require = createRequire(import.meta.url);
const KafkaDecoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => Decoder;
const decode = require('kafkajs/src/protocol/recordBatch/v0/decoder') as (decoder: Decoder) => Promise<KafkaBatch>;
/** The sum as kafkajs makes it. */
export const crcOfKafkajs = require('kafkajs/src/protocol/recordBatch/crc32C') as (bytes: Buffer) => number;

/** A record. */
export interface Decoded {
  readonly offset: number;
  readonly timestamp: number;
  readonly value: string;
}

/** Whole batches, as kafkajs reads them. */
export async function decodeWithFacts(bytes: Buffer): Promise<KafkaBatch[]> {
  const batches: KafkaBatch[] = [];
  for (let at = 0; at < bytes.length; at += 12 + bytes.readInt32BE(at + 8)) {
    batches.push(await decode(new KafkaDecoder(bytes.subarray(at))));
  }
  return batches;
}

/** The records of whole batches. */
export async function decodeBatches(bytes: Buffer): Promise<Decoded[]> {
  const batches = await decodeWithFacts(bytes);
  return batches.flatMap(({ records }) =>
    records.map(({ offset, timestamp, value }) => ({
      offset: Number(offset),
      timestamp: Number(timestamp),
      value: value.toString(),
    })),
  );
}

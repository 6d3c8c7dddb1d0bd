import { createHash } from 'node:crypto';
import agg from 'aws-kinesis-agg';
import type { KinesisRecord } from '../../src/records/kinesis-record.js';

export interface Packed {
  readonly partitionKey: string;
  readonly explicitHashKey?: string;
  readonly data: Buffer;
}

/** Packs with the reference. */
export function pack(records: readonly Packed[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    agg.aggregate(
      [...records],
      (encoded: { data: Buffer }, done: () => void) => {
        resolve(encoded.data);
        done();
      },
      () => undefined,
      reject,
    );
  });
}

/** Makes a packed record of a message that the reference would not write. */
export const sealed = (message: Buffer): Buffer =>
  Buffer.concat([Buffer.from('f3899ac2', 'hex'), message, createHash('md5').update(message).digest()]);

export const recordOf = (data: Uint8Array, partitionKey = 'outer'): KinesisRecord => ({
  sequenceNumber: '49',
  partitionKey,
  data,
  arrival: 5,
});

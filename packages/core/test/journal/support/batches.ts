import { encodeBatch, type ProducerSequence } from '../../../src/journal/encode-batch.js';

/** Rows that are numbered, with times that go up by a second each. */
export function batchOf(from: number, count: number, producer?: ProducerSequence, padding = 0): Buffer {
  const numbers = Array.from({ length: count }, (_, index) => from + index);
  return encodeBatch(
    {
      rows: numbers.map((n) => Buffer.from(JSON.stringify({ n, text: 'x'.repeat(padding) }))),
      timestamps: numbers.map((n) => timeOf(n)),
    },
    producer,
  );
}

export const timeOf = (n: number): number => 1_800_000_000_000 + n * 1000;

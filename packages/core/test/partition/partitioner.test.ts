import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exactValue } from '../../src/event/exact-value.js';
import { consistentHash } from '../../src/partition/hashing.js';
import { JsonEvent } from '../../src/event/json-event.js';
import { javaDoubleText } from '../../src/partition/java-values.js';
import { HashPartitioner } from '../../src/partition/partitioner.js';
import { truncation } from '../../src/partition/truncate.js';

type Vector = readonly [string, number, string, number, number, number];

// Made by tools/fixtures with the real Tranquility 0.8.3.
const vectors = readFileSync(new URL('../fixtures/partition-vectors.ndjson', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Vector);

const named: Readonly<Record<string, string>> = { P1W: 'week', P1M: 'month', P3M: 'quarter', P1Y: 'year' };

function granularityOf(text: string): unknown {
  const value = JSON.parse(text) as string | { period: string };
  return typeof value === 'string' ? value : named[value.period];
}

/** Parses JSON such that numbers keep their spelling. */
function parseExactly(json: string): Record<string, unknown> {
  const event = new JsonEvent('the time');
  event.accept(Buffer.from(json));
  return event.fields(undefined, exactValue);
}

function schemaless(queryGranularity: unknown): HashPartitioner {
  return new HashPartitioner(
    { dimensionsSpec: {}, metricsSpec: [], timestampSpec: { column: 'the time', format: 'auto' } },
    truncation(queryGranularity),
  );
}

describe('the hash of Tranquility', () => {
  it('is the same for every vector', () => {
    expect(vectors.length).toBe(3000);
    const wrong = vectors.filter(([granularity, timestamp, json, hash, partitions, partition]) => {
      const partitioner = schemaless(granularityOf(granularity));
      const fields = parseExactly(json);
      return (
        partitioner.hash(fields, timestamp) !== hash ||
        partitioner.partition(fields, timestamp, partitions) !== partition
      );
    });
    expect(wrong).toEqual([]);
  });

  it('is the same for parsed objects, where no number is a double that looks whole', () => {
    const plain = vectors.filter(([, , json]) => JSON.stringify(JSON.parse(json)) === json);
    expect(plain.length).toBeGreaterThan(1000);
    for (const [granularity, timestamp, json, hash] of plain) {
      expect(schemaless(granularityOf(granularity)).hash(JSON.parse(json) as Record<string, unknown>, timestamp)).toBe(
        hash,
      );
    }
  });

  it.each([
    [5e-324, '4.9E-324'],
    [1e21, '1.0E21'],
    [0.001, '0.001'],
    [0.00099, '9.9E-4'],
    [1e7, '1.0E7'],
    [9999999, '9999999.0'],
  ])('writes the double %d as Java does', (value, text) => {
    expect(javaDoubleText(value)).toBe(text);
  });

  it('takes the listed dimensions only, or all that has no other use', () => {
    const metricsSpec = [
      { type: 'count', name: 'count' },
      { type: 'longSum', name: 'sum', fieldName: 'input' },
      {
        type: 'filtered',
        aggregator: { type: 'longSum', name: 'f', fieldName: 'inner' },
        filter: { type: 'selector', dimension: 'd', value: 1 },
      },
    ];
    const timestampSpec = { column: 't', format: 'auto' };
    const hash = (dimensionsSpec: object, fields: Record<string, unknown>): number =>
      new HashPartitioner({ dimensionsSpec: { ...dimensionsSpec }, metricsSpec, timestampSpec }, (ms) => ms).hash(
        fields,
        7,
      );
    const spec = { dimensions: ['a', { name: 'b' }, { type: 'spatial', name: 'place' }] };
    expect(hash(spec, { a: 'x', b: 'y', place: '1,2', other: 'z', t: 7 })).toBe(hash(spec, { a: 'x', b: 'y' }));
    expect(hash(spec, { a: 'x', b: 'y' })).not.toBe(hash(spec, { a: 'x' }));
    const open = { dimensionExclusions: ['out'] };
    expect(hash(open, { a: 'x', d: 'y', out: 1, t: 7, count: 2, sum: 3, input: 4, inner: 5 })).toBe(
      hash(open, { a: 'x', d: 'y' }),
    );
    expect(hash({ dimensions: [] }, { a: 'x', d: 'y' })).toBe(hash({}, { d: 'y', a: 'x' }));
  });

  it('moves few hashes when partitions are added', () => {
    const moved = Array.from({ length: 1000 }, (_, index) => index * 7_919_777 - 2 ** 31).filter(
      (hash) => consistentHash(hash, 10) !== consistentHash(hash, 11),
    );
    expect(moved.length).toBeGreaterThan(40);
    expect(moved.length).toBeLessThan(150);
  });
});

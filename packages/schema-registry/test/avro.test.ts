import avro from 'avsc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { avroDecoder } from '../src/avro/avro-decoder.js';

function decode(schema: unknown, bytes: Uint8Array): unknown {
  const { events, refused } = avroDecoder(JSON.stringify(schema)).decode(bytes);
  const [event] = events;
  if (refused[0] !== undefined) return refused[0].reason;
  return event instanceof Uint8Array ? Buffer.from(event).toString() : event;
}

const everything = {
  type: 'record',
  name: 'Click',
  namespace: 'shop',
  fields: [
    { name: 'flag', type: 'boolean' },
    { name: 'small', type: 'int' },
    { name: 'large', type: 'long' },
    { name: 'single', type: 'float' },
    { name: 'double', type: 'double' },
    { name: 'text', type: 'string' },
    { name: 'raw', type: 'bytes' },
    { name: 'hash', type: { type: 'fixed', name: 'Hash', size: 2 } },
    { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['VIEW', 'BUY'] } },
    { name: 'tags', type: { type: 'array', items: 'string' } },
    { name: 'counts', type: { type: 'map', values: 'long' } },
    { name: 'maybe', type: ['null', 'string'] },
    {
      name: 'one',
      type: ['null', 'long', { type: 'record', name: 'Place', fields: [{ name: 'city', type: 'string' }] }],
    },
    { name: 'other', type: ['null', 'shop.Place'] },
  ],
};

describe('a message of Avro', () => {
  it('of every type becomes a plain object', () => {
    const type = avro.Type.forSchema(everything as avro.Schema, { wrapUnions: true });
    const bytes = type.toBuffer({
      flag: true,
      small: -7,
      large: 2 ** 40,
      single: 1.5,
      double: -0.1,
      text: 'Zürich',
      raw: Buffer.from([1, 255]),
      hash: Buffer.from('ab'),
      kind: 'BUY',
      tags: ['a', ''],
      counts: { x: 1, __proto__x: -2 },
      maybe: null,
      one: { 'shop.Place': { city: 'Bern' } },
      other: null,
    });
    expect(decode(everything, bytes)).toEqual({
      flag: true,
      small: -7,
      large: 2 ** 40,
      single: 1.5,
      double: -0.1,
      text: 'Zürich',
      raw: 'Af8=',
      hash: 'YWI=',
      kind: 'BUY',
      tags: ['a', ''],
      counts: { x: 1, __proto__x: -2 },
      maybe: null,
      one: { city: 'Bern' },
      other: null,
    });
  });

  it('has dates and instants as epoch milliseconds, decimals as their digits', () => {
    const at = (name: string, type: object): object => ({ name, type });
    const schema = {
      type: 'record',
      name: 'Times',
      fields: [
        at('day', { type: 'int', logicalType: 'date' }),
        at('millis', { type: 'long', logicalType: 'timestamp-millis' }),
        at('micros', { type: 'long', logicalType: 'timestamp-micros' }),
        at('nanos', { type: 'long', logicalType: 'timestamp-nanos' }),
        at('price', { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 }),
        at('debt', { type: 'fixed', name: 'Debt', size: 2, logicalType: 'decimal', precision: 4, scale: 3 }),
        at('id', { type: 'string', logicalType: 'uuid' }),
      ],
    };
    // 20000 days; 1.7e12 ms; 1.7e15 us; 1.7e18 ns; 123.45; -0.005
    const type = avro.Type.forSchema({
      type: 'record',
      name: 'Times',
      fields: ['int', 'long', 'long'].map((each, i) => ({ name: `f${i}`, type: each })),
    });
    const head = type.toBuffer({ f0: 20_000, f1: 1_700_000_000_000, f2: 1_700_000_000_000_123 });
    const nanos = zigzag(1_700_000_000_000_000_001n);
    const rest = Buffer.concat([Buffer.from([4, 0x30, 0x39]), Buffer.from([0xff, 0xfb]), Buffer.from([2, 0x75])]);
    expect(decode(schema, Buffer.concat([head, nanos, rest]))).toEqual({
      day: 1_728_000_000_000,
      millis: 1_700_000_000_000,
      micros: 1_700_000_000_000,
      nanos: 1_700_000_000_000,
      price: '123.45',
      debt: '-0.005',
      id: 'u',
    });
  });

  it.each([
    ['timestamp-micros', 253_402_300_799_999_999n, 253_402_300_799_999],
    ['timestamp-micros', -62_135_596_800_000_001n, -62_135_596_800_001],
    ['timestamp-micros', -1n, -1],
    ['timestamp-micros', 9_007_199_254_740_999n, 9_007_199_254_740],
    ['timestamp-micros', 8_999_999_999_999_999n, 8_999_999_999_999],
    ['local-timestamp-micros', 253_402_300_799_999_000n, 253_402_300_799_999],
    ['timestamp-nanos', -1_000_001n, -2],
    ['timestamp-nanos', -1_700_000_000_000_000_000n, -1_700_000_000_000],
  ])('makes milliseconds of a %s of %s', (logicalType, units, millis) => {
    const schema = { type: 'record', name: 'R', fields: [{ name: 'at', type: { type: 'long', logicalType } }] };
    expect(decode(schema, zigzag(units))).toEqual({ at: millis });
  });

  it('keeps every digit of a long that a number of JavaScript cannot hold', () => {
    const schema = { type: 'record', name: 'Ids', fields: [{ name: 'id', type: 'long' }] };
    expect(decode(schema, zigzag(9_007_199_254_740_993n))).toBe('{"id":9007199254740993}');
    expect(decode(schema, zigzag(-(2n ** 63n)))).toBe('{"id":-9223372036854775808}');
    expect(decode(schema, zigzag(2n ** 53n - 1n))).toEqual({ id: 2 ** 53 - 1 });
  });

  it('that holds itself is read', () => {
    const schema = {
      type: 'record',
      name: 'Node',
      fields: [
        { name: 'v', type: 'int' },
        { name: 'next', type: ['null', 'Node'] },
      ],
    };
    expect(decode(schema, Buffer.from([2, 2, 4, 0]))).toEqual({ v: 1, next: { v: 2, next: null } });
    expect(decode(schema, Buffer.alloc(5000, 2))).toMatch(/nested deeper than 1000/);
  });

  it.each([
    [
      'ends too early',
      { type: 'record', name: 'R', fields: [{ name: 's', type: 'string' }] },
      [20, 65],
      /middle of a value/,
    ],
    [
      'goes on behind its end',
      { type: 'record', name: 'R', fields: [{ name: 'i', type: 'int' }] },
      [2, 2],
      /for 1 bytes behind/,
    ],
    ['is no record', 'string', [2, 65], /of no record/],
    [
      'claims a thousand million million nulls',
      { type: 'record', name: 'R', fields: [{ name: 'a', type: { type: 'array', items: 'null' } }] },
      [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10],
      /more values than it has bytes/,
    ],
    [
      'has an unknown branch',
      { type: 'record', name: 'R', fields: [{ name: 'u', type: ['null', 'int'] }] },
      [6],
      /branch/,
    ],
  ])('that %s is refused', (_, schema, bytes, reason) => {
    expect(decode(schema, Buffer.from(bytes))).toMatch(reason);
  });

  it('of random bytes neither throws nor takes long', () => {
    const decoder = avroDecoder(JSON.stringify(everything));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const { events, refused } = decoder.decode(bytes);
        expect(events.length + refused.length).toBe(1);
      }),
      { numRuns: 2000 },
    );
  });

  it('is what avsc reads too', () => {
    const schema = {
      type: 'record',
      name: 'R',
      fields: [
        { name: 'l', type: 'long' },
        { name: 'd', type: 'double' },
        { name: 's', type: { type: 'array', items: { type: 'map', values: ['null', 'string'] } } },
      ],
    };
    const type = avro.Type.forSchema(schema as avro.Schema);
    fc.assert(
      fc.property(
        fc.record({
          // Beyond, avsc writes other numbers than it is given.
          l: fc.integer({ min: -(2 ** 52), max: 2 ** 52 }),
          d: fc.double({ noNaN: true }),
          s: fc.array(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.option(fc.string({ unit: 'grapheme' })))),
        }),
        (value) => {
          expect(JSON.stringify(decode(schema, type.toBuffer(value)))).toBe(JSON.stringify(value));
        },
      ),
    );
  });

  it.each([
    ['{"type":"record","name":"R"}', /has no fields/],
    ['{"type":"record","name":"R","fields":[{"name":"a","type":"Nowhere"}]}', /"Nowhere", which is not known/],
    ['{"type":"array","items":', /not known/],
  ])('needs a schema that can be used: %s', (schema, reason) => {
    expect(() => avroDecoder(schema)).toThrow(reason);
  });
});

function zigzag(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

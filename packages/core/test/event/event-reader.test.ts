import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventReader, withMillis } from '../../src/event/event-reader.js';
import { KeyName } from '../../src/event/key-name.js';
import { BlockPool, RowBatch } from '../../src/event/row-batch.js';

const all = (): boolean => true;
const spec = { column: 'time', format: 'auto' };

function read(event: unknown, reader = new EventReader(spec, all), rows = newRows()): string {
  const refused = reader.accept(event);
  if (refused !== undefined) return `${refused.reason}: ${refused.message}`;
  const unwritable = reader.write(rows);
  return unwritable === undefined
    ? (rows.slice(rows.count - 1).rows[0]?.toString() ?? '')
    : `${unwritable.reason}: ${unwritable.message}`;
}

function newRows(): RowBatch {
  return new RowBatch(new BlockPool());
}

/** Writes events into one batch, every second one of them as bytes. */
function rowsOf(events: readonly object[], rows = newRows()): RowBatch {
  const reader = new EventReader(spec, all);
  events.forEach((event, index) => {
    expect(reader.accept(index % 2 === 0 ? event : bytesOf(JSON.stringify(event)))).toBeUndefined();
    expect(reader.write(rows)).toBeUndefined();
  });
  return rows;
}

const bytesOf = (text: string): Buffer => Buffer.from(text);

describe('events as objects', () => {
  it('are written as JSON.stringify writes them', () => {
    const reader = new EventReader(spec, all);
    const values = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.double(),
      fc.integer(),
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom(
        undefined,
        () => 1,
        Symbol('s'),
        new Date(0),
        -0,
        NaN,
        1e21,
        2 ** 31,
        2 ** 53,
        'a'.repeat(70_000),
        '\ud800',
      ),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), values, { noNullPrototype: true }), (fields) => {
        const event = { ...fields, time: 7 };
        delete (event as Record<string, unknown>)['toJSON'];
        expect(read(event, reader)).toBe(JSON.stringify(event));
      }),
      { numRuns: 2000 },
    );
  });

  it('are written with the fields that are wanted', () => {
    const reader = new EventReader(spec, (name) => name === 'time' || name === 'a');
    expect(read({ x: 1, a: 2, time: 3, y: 1n }, reader)).toBe('{"a":2,"time":3}');
    expect(read({ time: '1970-01-01 00:00:00', x: {} }, reader)).toBe('{"time":0}');
  });

  it('may be of any class, and are written as they were when they came', () => {
    class Point {
      readonly time = 5;
      readonly x = 1;
      get sum(): number {
        return this.x * 2;
      }
    }
    expect(read(new Point())).toBe('{"time":5,"x":1}');
    expect(read(Object.assign(Object.create({ inherited: 1 }) as object, { time: 5 }))).toBe('{"time":5}');
    expect(read(Object.assign(Object.create(null) as object, { time: 5 }))).toBe('{"time":5}');
    expect(read({ toJSON: () => ({ time: 6 }) })).toBe('{"time":6}');
    const reused = { time: 1 };
    const [reader, rows] = [new EventReader(spec, all), newRows()];
    for (const time of [1, 2]) {
      reused.time = time;
      reader.accept(reused);
      reader.write(rows);
    }
    expect(rows.slice().array().toString()).toBe('[{"time":1}, {"time":2}]');
  });

  it('spoil no other when they cannot be written', () => {
    const [reader, rows] = [new EventReader(spec, all), newRows()];
    expect(read({ time: 1, big: 1n }, reader, rows)).toMatch(/^unserializable/);
    expect(
      read(
        {
          time: 1,
          get x(): number {
            throw new Error('no');
          },
        },
        reader,
        rows,
      ),
    ).toMatch(/^unserializable: .*no/);
    expect(read({ time: 2 }, reader, rows)).toBe('{"time":2}');
  });
});

describe('events as bytes', () => {
  it.each([
    '{"time":1700000000000,"a":[1, 2.50, {"b":null}]}',
    ' {"a":1,"time":"2026-01-01T00:00:00.000Z"} ',
    '{"time":"soon","t\\u0069me":"2026-01-01T00:00:00Z","n":12345678901234567890}',
  ])('leave as they came: %s', (text) => {
    expect(read(bytesOf(text))).toBe(text);
    expect(read(new Uint8Array(bytesOf(text)))).toBe(text);
  });

  it.each([
    ['{"a":1,"time":"2026-01-01 00:00:00","b":2}', '{"a":1,"time":1767225600000,"b":2}'],
    ['{"time":1.7e12}', '{"time":1700000000000}'],
    ['{"time":7,"time":"1970-01-01"}', '{"time":7,"time":0}'],
    ['{"time" : "1970-01-01" }', '{"time" : 0 }'],
  ])('have only a time rewritten that Druid might read otherwise: %s', (text, written) => {
    expect(read(bytesOf(text))).toBe(written);
  });

  it('get the time that stands for a missing one', () => {
    const reader = new EventReader({ ...spec, missingValue: '1970-01-01T00:00:01Z' }, all);
    expect(['{}', ' {"a":1}', '{"time":null}'].map((text) => read(bytesOf(text), reader))).toEqual([
      '{"time":1000}',
      ' {"time":1000,"a":1}',
      '{"time":1000}',
    ]);
  });

  it.each([
    ['{"time":1', 'unparseable'],
    ['{"time":1}{"time":2}', 'unparseable'],
    ['[{"time":1}]', 'unparseable: It is a list, not an object.'],
    ['{"a":1}', 'unparseable: Column "time": Timestamp[null]'],
    ['{"time":true}', 'unparseable: Column "time": Timestamp[true]'],
    ['', 'unparseable'],
  ])('are dropped when they cannot be read: %j', (text, reason) => {
    expect(read(bytesOf(text))).toContain(reason);
    expect(read(Buffer.of(123, 255, 125))).toContain('UTF-8');
  });

  it('are read to the same time as the object that they are', () => {
    const [reader, rows] = [new EventReader(spec, all), newRows()];
    const times = fc.oneof(
      fc.integer(),
      fc.double(),
      fc.date({ noInvalidDate: true }).map((d) => d.toISOString()),
      fc.string(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), times, (rest, time) => {
        const json = JSON.stringify({ ...rest, time });
        const object = reader.accept(JSON.parse(json));
        const expected = reader.timestamp;
        expect(reader.accept(bytesOf(json))).toEqual(object);
        if (object !== undefined) return;
        expect(reader.timestamp).toBe(expected);
        const written = JSON.parse(read(bytesOf(json), reader, rows)) as Record<string, unknown>;
        const again = new EventReader(spec, all);
        again.accept(written);
        expect(again.timestamp).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('tell the fields that a partitioner asks for, numbers as they are spelt', () => {
    const reader = new EventReader(spec, all);
    reader.accept(bytesOf('{"time":1,"a":1.0,"b":[2.50,"x"],"c":"y"}'));
    expect(reader.fields(['a', 'b', 'z'].map((name) => new KeyName(name)))).toEqual({
      a: { literal: '1.0' },
      b: [{ literal: '2.50' }, 'x'],
    });
    expect(Object.keys(reader.fields())).toEqual(['time', 'a', 'b', 'c']);
  });
});

describe('rows', () => {
  const times = (array: Buffer): number[] =>
    (JSON.parse(array.toString()) as { time: number }[]).map(({ time }) => time);

  it('become one array, whatever their sizes', () => {
    const sizes = [10, 70_000, 5, 30_000, 40_000, 1];
    const events = sizes.map((size, time) => ({ time, text: 'x'.repeat(size) }));
    const rows = rowsOf(events);
    expect(JSON.parse(rows.slice().array().toString())).toEqual(events);
    expect(JSON.parse(rows.slice(2, 4).array().toString())).toEqual(events.slice(2, 4));
    expect(JSON.parse(rows.slice().arrayInPlace().toString())).toEqual(events);
    expect(rows.slice().rows.map((row) => JSON.parse(row.toString()) as unknown)).toEqual(events);
  });

  it('become arrays in place, without harm to those beside them', () => {
    const rows = rowsOf(Array.from({ length: 30 }, (_, time) => ({ time })));
    const chunks = rows.slice().chunks(12);
    const arrays = chunks.map((chunk) => chunk.arrayInPlace());
    expect(arrays.map((array) => times(array).length)).toEqual([12, 12, 6]);
    expect(arrays.flatMap(times)).toEqual(rows.timestamps);
    expect(new Set([...arrays, rows.block].map((array) => array.buffer)).size).toBe(1);
    for (const chunk of chunks) chunk.separate();
    expect(times(rows.slice().array())).toEqual(rows.timestamps);
    expect(chunks[1]?.chunks(5).flatMap((part) => part.timestamps)).toEqual(rows.timestamps.slice(12, 24));
  });

  it('move to another batch when they are too much for this one', () => {
    const [rows, next] = [rowsOf([{ time: 1 }, { time: 2, text: 'x'.repeat(100_000) }]), newRows()];
    const size = rowsOf([{ time: 1 }]).size;
    rows.moveLast(next);
    expect([rows.count, rows.size, next.count]).toEqual([1, size, 1]);
    expect(
      times(
        rowsOf([{ time: 3 }], rows)
          .slice()
          .array(),
      ),
    ).toEqual([1, 3]);
    expect(
      times(
        rowsOf([{ time: 4 }], next)
          .slice()
          .array(),
      ),
    ).toEqual([2, 4]);
    expect([next.timestamps, rows.timestamps]).toEqual([
      [2, 4],
      [1, 3],
    ]);
    expect(() => {
      newRows().moveLast(next);
    }).toThrow(RangeError);
  });

  it('lie where others were, once these are released', () => {
    const pool = new BlockPool();
    const blocks = new Set<unknown>();
    for (let batch = 0; batch < 20; batch++) {
      const rows = rowsOf(
        Array.from({ length: 100 }, (_, time) => ({ time, text: 'x'.repeat(200) })),
        new RowBatch(pool),
      );
      blocks.add(rows.block);
      rows.release();
      expect(rows.block.length).toBe(0);
    }
    expect(blocks.size).toBe(1);
  });

  it('get the time as milliseconds for a task that reads those only', () => {
    const rows = rowsOf([{ time: '1970-01-01T00:00:00Z', a: 1 }]).slice();
    expect(withMillis(rows, 'time').slice().array().toString()).toBe('[{"time":0,"a":1}]');
    expect(withMillis(rows, 'other').slice().array().toString()).toBe(
      '[{"other":0,"time":"1970-01-01T00:00:00Z","a":1}]',
    );
  });
});

describe("events of the caller's own forms", () => {
  class Order {
    readonly #at: Date;
    readonly price: number;
    constructor(at: Date, price: number) {
      this.#at = at;
      this.price = price;
    }
    get at(): Date {
      return this.#at;
    }
  }
  const order = new Order(new Date(5_000), 3);
  const timestamp = (event: unknown): unknown => (event as Order).at;

  it('have the time that the accessor gives, whatever stands in the column', () => {
    const reader = new EventReader(spec, all, { timestamp });
    expect(read(order, reader)).toBe('{"price":3,"time":5000}');
    expect(reader.timestamp).toBe(5_000);
    expect(read({ at: '1970-01-01T00:00:07Z', time: 'no time' }, reader)).toBe(
      '{"at":"1970-01-01T00:00:07Z","time":7000}',
    );
    const seconds = new EventReader({ column: 'time', format: 'posix' }, all, { timestamp });
    expect(read({ at: 7 }, seconds)).toBe('{"at":7,"time":7000}');
    expect(read({ time: 7 }, reader)).toMatch(/^unparseable: Column "time"/);
  });

  it('are written as what map makes of them, an object or bytes', () => {
    const rows = newRows();
    const toObject = new EventReader(spec, all, { map: (event) => ({ time: 1, cents: (event as Order).price * 100 }) });
    expect(read(order, toObject, rows)).toBe('{"time":1,"cents":300}');
    expect(rows.events[0]).toBe(order);
    const map = (event: unknown): unknown => bytesOf(JSON.stringify({ price: (event as Order).price, time: 1 }));
    expect(read(order, new EventReader(spec, all, { map }))).toBe('{"price":3,"time":1}');
    expect(read(order, new EventReader(spec, all, { map, timestamp }))).toBe('{"price":3,"time":5000}');
    expect(read(order, new EventReader(spec, all, { map: () => 7 }))).toBe(
      'unparseable: It is a number, not an object.',
    );
  });

  it('are dropped alone when map or the accessor throws', () => {
    const broken = (): never => {
      throw new Error('no such field');
    };
    for (const forms of [{ map: broken }, { timestamp: broken }]) {
      const reader = new EventReader(spec, all, forms);
      expect(read(order, reader)).toBe('unserializable: It cannot be written as JSON: no such field');
    }
  });

  it('do not matter to events that come as bytes', () => {
    const reader = new EventReader(spec, all, { map: () => ({}), timestamp });
    expect(read(bytesOf('{"time":1}'), reader)).toBe('{"time":1}');
  });
});

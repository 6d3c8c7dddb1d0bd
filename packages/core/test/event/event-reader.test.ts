import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventReader, withMillis } from '../../src/event/event-reader.js';
import { KeyName } from '../../src/event/key-name.js';
import { arrayInPlace, arrayOf, RowArena, type RowJson } from '../../src/event/row-arena.js';

const all = (): boolean => true;
const spec = { column: 'time', format: 'auto' };

function read(event: unknown, reader = new EventReader(spec, all), arena = new RowArena()): string {
  const refused = reader.accept(event);
  if (refused !== undefined) return `${refused.reason}: ${refused.message}`;
  const unwritable = reader.write(arena);
  return unwritable === undefined ? textOf(arena.last) : `${unwritable.reason}: ${unwritable.message}`;
}

function writeTo(reader: EventReader, arena: RowArena): RowJson {
  expect(reader.write(arena)).toBeUndefined();
  return arena.last;
}

const textOf = ({ bytes, start, end }: RowJson): string => Buffer.from(bytes.subarray(start, end)).toString();
const bytesOf = (text: string): Buffer => Buffer.from(text);

describe('events as objects', () => {
  it('are written as JSON.stringify writes them', () => {
    const reader = new EventReader(spec, all);
    const arena = new RowArena();
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
        expect(read(event, reader, arena)).toBe(JSON.stringify(event));
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
    const [reader, arena] = [new EventReader(spec, all), new RowArena()];
    const rows = [1, 2].map((time) => {
      reused.time = time;
      reader.accept(reused);
      return writeTo(reader, arena);
    });
    expect(arrayOf(rows).toString()).toBe('[{"time":1}, {"time":2}]');
  });

  it('spoil no other when they cannot be written', () => {
    const [reader, arena] = [new EventReader(spec, all), new RowArena()];
    expect(read({ time: 1, big: 1n }, reader, arena)).toMatch(/^unserializable/);
    expect(
      read(
        {
          time: 1,
          get x(): number {
            throw new Error('no');
          },
        },
        reader,
        arena,
      ),
    ).toMatch(/^unserializable: .*no/);
    expect(read({ time: 2 }, reader, arena)).toBe('{"time":2}');
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
    const [reader, arena] = [new EventReader(spec, all), new RowArena()];
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
        const written = JSON.parse(read(bytesOf(json), reader, arena)) as Record<string, unknown>;
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
  it('become one array, wherever they lie', () => {
    const [one, other] = [new RowArena(), new RowArena()];
    const reader = new EventReader(spec, all);
    const sizes = [10, 70_000, 5, 30_000, 40_000, 1];
    const events = sizes.map((size, time) => ({ time, text: 'x'.repeat(size) }));
    const rows = events.map((event, index) => {
      reader.accept(index % 2 === 0 ? event : Buffer.from(JSON.stringify(event)));
      return writeTo(reader, index < 4 ? one : other);
    });
    expect(JSON.parse(arrayOf(rows).toString())).toEqual(events);
    expect(JSON.parse(arrayOf(rows.slice(2, 4)).toString())).toEqual(events.slice(2, 4));
    expect(JSON.parse(arrayOf([...rows].reverse()).toString())).toEqual([...events].reverse());
    expect(arrayOf([]).toString()).toBe('[]');
    expect(arrayInPlace([]).toString()).toBe('[]');
    expect(JSON.parse(arrayInPlace(rows).toString())).toEqual(events);
  });

  it('that are neighbours become arrays in place, without harm to each other', () => {
    const arena = new RowArena();
    const reader = new EventReader(spec, all);
    const rows = Array.from({ length: 30 }, (_, time) => {
      reader.accept(time % 2 === 0 ? { time } : Buffer.from(`{"time":${time}}`));
      return writeTo(reader, arena);
    });
    const arrays = [0, 10, 20].map((from) => arrayInPlace(rows.slice(from, from + 10)));
    expect(new Set([...arrays, arena.block].map((array) => array.buffer)).size).toBe(1);
    const times = arrays.flatMap((array) => JSON.parse(array.toString()) as { time: number }[]);
    expect(times.map(({ time }) => time)).toEqual(rows.map((_, index) => index));
  });

  it('lie where others were, once these are released', () => {
    const arena = new RowArena();
    const reader = new EventReader(spec, all);
    const blocks = new Set<unknown>();
    const waiting: { time: number; json: RowJson }[] = [];
    for (let time = 0; time < 200_000; time++) {
      reader.accept({ time, text: 'x'.repeat(100) });
      const json = writeTo(reader, arena);
      blocks.add(json.bytes);
      waiting.push({ time, json });
      if (waiting.length < 9000) continue;
      const done = waiting.splice(0, 3000);
      const read = JSON.parse(arrayInPlace(done.map((row) => row.json)).toString()) as { time: number }[];
      expect(read.map((row) => row.time)).toEqual(done.map((row) => row.time));
      arena.release(done.map((row) => row.json));
    }
    expect(blocks.size).toBeLessThan(15);
  });

  it('get the time as milliseconds for a task that reads those only', () => {
    const reader = new EventReader(spec, all);
    reader.accept({ time: '1970-01-01T00:00:00Z', a: 1 });
    const json = writeTo(reader, new RowArena());
    expect(withMillis([{ ...json, timestamp: 0 }], 'time').map(textOf)[0]).toBe('{"time":0,"a":1}');
    expect(withMillis([{ ...json, timestamp: 0 }], 'other').map(textOf)[0]).toBe(
      '{"other":0,"time":"1970-01-01T00:00:00Z","a":1}',
    );
  });
});

import { describe, expect, it } from 'vitest';
import { EventReader } from '../../src/event/event-reader.js';
import { FoundEvent, WrittenEvent } from '../../src/event/found-event.js';
import { JsonReader } from '../../src/event/json-reader.js';
import { BlockPool, RowBatch } from '../../src/event/row-batch.js';

/** Of the second value of the input. */
function rowsOf(format: string, input: string): RowBatch {
  const reader = new EventReader({ column: 'time', format }, () => true);
  const rows = new RowBatch(new BlockPool());
  const take = (found: FoundEvent): void => {
    if (found.place !== 1) return;
    expect(reader.accept(found)).toBeUndefined();
    expect(reader.write(rows)).toBeUndefined();
    found.bytes.fill(0, found.start, found.end);
  };
  const values = new JsonReader({ format: 'json' }, { take });
  values.push(Buffer.from(input));
  values.end();
  return rows;
}

describe('a row of an event that was found among others', () => {
  it('is the event, byte for byte, where Druid reads its time as it stands', () => {
    const rows = rowsOf('auto', '[{"a":1},{"time":1772706000000, "a":"ü"},{"time":1}]');
    expect(rows.slice().rows.map(String)).toEqual(['{"time":1772706000000, "a":"ü"}']);
    expect(rows.timestamps).toEqual([1772706000000]);
    expect(String(rows.eventAt(0))).toBe('{"time":1772706000000, "a":"ü"}');
    expect(rows.events).toEqual([new WrittenEvent(1)]);
  });

  it('has the time in milliseconds otherwise, and the event is told as it came', () => {
    const rows = rowsOf('posix', '{} {"a":1,"time":1772706000} {}');
    expect(rows.slice().rows.map(String)).toEqual(['{"a":1,"time":1772706000000}']);
    expect(String(rows.eventAt(0))).toBe('{"a":1,"time":1772706000}');
    expect((rows.events[0] as WrittenEvent).place).toBe(1);
  });
});

describe('an event that is looked for', () => {
  it.each([
    ['{"a":1}', '{"a":1}'],
    [' \n{"a":[{}]}\r\n', '{"a":[{}]}'],
    ['{"a":1}{}', undefined],
    ['[{"a":1}]', undefined],
    ['{"a":1', undefined],
    ['  ', undefined],
    ['', undefined],
  ])('is the whole of %j, but for white space around it, whatever stands beside that', (text, expected) => {
    const found = new FoundEvent();
    for (const around of ['', '}', '1']) {
      const bytes = Buffer.from(`${around}${text}${around}`);
      const isFound = found.take(bytes, around.length, around.length + text.length, 3);
      expect(isFound ? String(found.copy()) : undefined).toBe(expected);
      if (isFound) expect(found.place).toBe(3);
    }
  });
});

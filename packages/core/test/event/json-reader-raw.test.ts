import { describe, expect, it } from 'vitest';
import { readJsonEvents, type ReadJsonOptions } from '../../src/event/json-reader.js';

async function read(text: string, raw: boolean, options: ReadJsonOptions = {}, chunk = 7) {
  const bytes = Buffer.from(text, 'latin1');
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, index) =>
    bytes.subarray(index * chunk, (index + 1) * chunk),
  );
  const all = { events: [] as unknown[], lines: [] as number[], refused: [] as unknown[] };
  const batches = raw ? readJsonEvents(chunks, { ...options, raw }) : readJsonEvents(chunks, options);
  for await (const batch of batches) {
    all.events.push(...batch.events);
    all.lines.push(...batch.lines);
    all.refused.push(...batch.refused);
  }
  return all;
}

describe('events read as bytes', () => {
  it('come as they are', async () => {
    const { events } = await read('{"a": 1.50}\r\n{"b":12345678901234567890,"b":2}\n', true);
    expect(events.map(String)).toEqual(['{"a": 1.50}\r', '{"b":12345678901234567890,"b":2}']);
    expect(events.every((event) => Buffer.isBuffer(event))).toBe(true);
  });

  it.each([
    '{"a":1}\n{"a":2}\n',
    '{"a":1}{"a":2}\n\n[3]\n{"a":4\n{"a":5} x\n{"a":6}',
    '[{"a":1},\n{"a":2},{"a":[1,{"b":2}]}]',
    '{\n"a":1\n}\n{"a":\n2}',
    '{"a":"\xff"}\n{"a":1}\n7\nnull\n"x"\n',
    '{"a":"\xc3\xbc"}\n{"a":tru}\n',
  ])('are those that are read as objects: %j', async (text) => {
    for (const format of ['auto', 'ndjson', 'json'] as const) {
      const [raw, parsed] = [await read(text, true, { format }), await read(text, false, { format })];
      expect(raw.events.map((event) => JSON.parse(String(event)) as unknown)).toEqual(parsed.events);
      expect(raw.lines).toEqual(parsed.lines);
      expect(raw.refused).toEqual(parsed.refused);
    }
  });

  it('are no longer than they may be', async () => {
    const [raw, parsed] = [
      await read('{"a":"12345678"}\n{"a":1}\n', true, { maxEventBytes: 10 }),
      await read('{"a":"12345678"}\n{"a":1}\n', false, { maxEventBytes: 10 }),
    ];
    expect(raw.events.map(String)).toEqual(['{"a":1}']);
    expect(raw.refused).toEqual(parsed.refused);
  });
});

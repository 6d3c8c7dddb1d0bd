import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonReader, type ReadJsonOptions, readJsonEvents } from '../../src/event/json-reader.js';
import type { ReadBatch } from '../../src/event/json-batch.js';

interface Outcome {
  events: [line: number, event: Record<string, unknown>][];
  refused: ReadBatch['refused'];
}

async function readAll(chunks: Iterable<Uint8Array>, options?: ReadJsonOptions): Promise<Outcome> {
  const outcome: Outcome = { events: [], refused: [] };
  for await (const batch of readJsonEvents(chunks, options)) {
    expect(batch.lines).toHaveLength(batch.events.length);
    batch.events.forEach((event, index) => outcome.events.push([batch.lines[index] ?? -1, event]));
    outcome.refused.push(...batch.refused);
  }
  return outcome;
}

function chop(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

/** Leaves out what may depend on the chunks: how much of a refused value had arrived. */
function withoutArrival({ events, refused }: Outcome): unknown {
  return {
    events,
    refused: refused.map(({ line, reason }) => ({
      line,
      reason: reason.replace(/has (more than )?\d+ bytes/, 'has bytes'),
    })),
  };
}

/** Reads the input whole, byte by byte and in threes; all must agree. */
async function read(input: string | Buffer, options?: ReadJsonOptions): Promise<Outcome> {
  const bytes = Buffer.from(input);
  const whole = await readAll([bytes], options);
  expect(withoutArrival(await readAll(chop(bytes, 1), options))).toEqual(withoutArrival(whole));
  expect(withoutArrival(await readAll(chop(bytes, 3), options))).toEqual(withoutArrival(whole));
  return whole;
}

/** Events as `line:a`, refusals as `!line`. */
async function summary(input: string | Buffer, options?: ReadJsonOptions): Promise<string> {
  const { events, refused } = await read(input, options);
  return [
    ...events.map(([line, event]) => `${line}:${JSON.stringify(event['a'])}`),
    ...refused.map(({ line }) => `!${line}`),
  ].join(' ');
}

describe('the format is found out', () => {
  it.each([
    ['', ''],
    [' \r\n\t\n', ''],
    ['\uFEFF', ''],
    ['\uFEFF{"a":1}\n', '1:1'],
    ['\uFEFF[{"a":1}]', '1:1'],
    ['{"a":1}', '1:1'],
    ['{"a":1}\n{"a":2}', '1:1 2:2'],
    ['{"a":1}\r\n{"a":2}\r\n', '1:1 2:2'],
    ['\n\n{"a":1}\n\n \n{"a":2}\n\n', '3:1 6:2'],
    ['{"a":1}{"a":2}', '1:1 1:2'],
    ['{"a":1} {"a":2}\n{"a":3}{"a":4}\n', '1:1 1:2 2:3 2:4'],
    ['{"a":1}\n{\n"a":2\n}\n{\n"a":3}', '1:1 2:2 5:3'],
    ['{"a":1}\n{"a":\n{"a":2}\n{"a":3}\n', '1:1 3:2 4:3 !2'],
    ['{\n "a": 1\n}\n{\n "a": 2\n}\n', '1:1 4:2'],
    ['[{"a":1},{"a":2}]', '1:1 1:2'],
    ['\n [\n{"a":1},\n\n{"a":2}\n]\n', '3:1 5:2'],
    ['[]', ''],
    ['[{"a":1}]\n[{"a":2}]\n{"a":3}', '1:1 2:2 3:3'],
    ['[1]\n[{"a":2},[3]]\n', '2:2 !1 !2'],
    ['x\n{"a":1}\n{"a":2}\n', '2:1 3:2 !1'],
  ])('%j', async (input, expected) => {
    expect(await summary(input)).toBe(expected);
  });

  it('from the first 64 KiB', async () => {
    const pretty = '{\n"a":1\n}\n'.repeat(6000);
    const compact = '{"a":1}\n'.repeat(9000);
    expect((await readAll([Buffer.from(`${pretty}{"a":\n`)])).refused).toMatchObject([{ line: 18_001 }]);
    expect((await readAll([Buffer.from(`${compact}${pretty}`)])).refused).toHaveLength(18_000);
  });

  it('passes leading lines on before the input ends', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"a":1}\n{"a":2}\n{"a"');
      await new Promise(() => undefined);
    }
    const batches = readJsonEvents(endless());
    expect((await batches.next()).value).toEqual({ events: [{ a: 1 }, { a: 2 }], lines: [1, 2], refused: [] });
  });
});

describe('ndjson', () => {
  const ndjson = { format: 'ndjson' } as const;

  it.each([
    ['{"a":1}\nx\n{"a":2}', '1:1 3:2 !2'],
    ['{"a":1}\n{"a":\n{"a":2}', '1:1 3:2 !2'],
    ['{"a":1\n}\n{"a":2}', '3:2 !1 !2'],
    ['{"a":1}{"a":2} {"a":3}\n', '1:1 1:2 1:3'],
    ['{"a":1}{"a":2\n{"a":3}', '2:3 !1'],
    ['{"a":1},{"a":2}\n{"a":3}', '2:3 !1'],
    ['{"a":1} 2\n{"a":3}', '2:3 !1'],
    ['1\n"x"\nnull\ntrue\n[{"a":1}]\n{"a":2}', '6:2 !1 !2 !3 !4 !5'],
    ['\uFEFF\n{"a":1}', '2:1'],
    ['{"a":"x\r\n{"a":2}\r\n', '2:2 !1'],
    ['{"a":1,"a":2}', '1:2'],
  ])('%j', async (input, expected) => {
    expect(await summary(input, ndjson)).toBe(expected);
  });
});

describe('json', () => {
  const json = { format: 'json' } as const;

  it.each([
    ['{"a":1}{"a":2}\n\n {\n"a"\n:3}', '1:1 1:2 3:3'],
    ['{"a":"}{][\\"\\\\"}{"a":"\\\\"}', '1:"}{][\\"\\\\" 1:"\\\\"'],
    ['{"a":{"b":[{},[]]}}', '1:{"b":[{},[]]}'],
    ['[{"a":1},2,"x{",null,[{"a":3}],{"a":4}]', '1:1 1:4 !1 !1 !1 !1'],
    ['{"a":1},{"a":2}', '1:1 1:2 !1'],
    ['{"a":1} 5 "x" null {"a":2}', '1:1 1:2 !1'],
    ['[{"a":1}]\nfoo\nbar ]', '1:1 !2'],
    ['[{"a":1}{"a":2},,{"a":3},]', '1:1 1:2 1:3'],
    ['[{"a":1},{"a":tru},{"a":2}]', '1:1 1:2 !1'],
    ['[{"a":1},\n{a:1},\n{"a":2}]', '1:1 3:2 !2'],
    ['[{"a":1}', '1:1 !1'],
    ['[{"a":1},\n{"a":', '1:1 !2'],
    ['[\n{"a":1},\n{"a":\n]\n{"a":2}', '2:1 5:2 !3'],
    ['{"a":1}\n{"a":"x\n{"a":2}\n', '1:1 3:2 !2'],
    ['{"a":1\n{"a":2}\n{"a":3}', '2:2 3:3 !1'],
    ['{"a":1,\n{"a":2}\n{"a":3}', '2:2 3:3 !1'],
    ['{"a":[1}\n{"a":2}', '2:2 !1'],
    ['{"a":{\n  "b":1\n}\n{"a":2}', '4:2 !1'],
    ['[\n  {\n    "a": {\n      "b": 1\n  },\n  {\n    "a": 2\n  }\n]\n', '6:2 !2'],
    ['[{"a":1\n {"a":2},\n {"a":3}]', '2:2 3:3 !1'],
    ['}\n{"a":1}', '2:1 !1'],
    [']]]{"a":1}', '1:1 !1'],
    [`{"a":${'['.repeat(1000)}\n{"a":1}`, '2:1 !1'],
  ])('%j', async (input, expected) => {
    expect(await summary(input, json)).toBe(expected);
  });
});

describe('refusals say what is wrong', () => {
  it.each([
    ['{"a":1 "b":2}', 'Not valid JSON at character 8: expected "," or "}", found "\\"".'],
    ['{"a" 1}', 'Not valid JSON at character 6: expected ":", found "1".'],
    ['{"a":1', 'Not valid JSON at character 7: expected "," or "}", found the end.'],
    ['{a:1}', 'Not valid JSON at character 2: expected a key in double quotes or "}", found "a".'],
    ['{"a":1,}', 'Not valid JSON at character 8: expected a key in double quotes, found "}".'],
    ['{"a":[1,]}', 'Not valid JSON at character 9: expected a value, found "]".'],
    ['{"a":[;]}', 'Not valid JSON at character 7: expected a value or "]", found ";".'],
    ['{"a":[1;]}', 'Not valid JSON at character 8: expected "," or "]", found ";".'],
    ['{"a":01}', 'Not valid JSON at character 7: expected "," or "}", found "1".'],
    ['{"a":NaN}', 'Not valid JSON at character 6: expected a value, found "N".'],
    ['{"a":"\\x"}', 'Not valid JSON at character 7: expected an escape such as \\n, \\" or \\u00e9, found "\\\\".'],
    ['{"a":"\t"}', 'Not valid JSON at character 7: expected control characters in strings to be escaped, found "\\t".'],
    ['{"a":"x', 'Not valid JSON at character 8: expected "\\"" at the end of the string, found the end.'],
    ['{"a":{}, "é": [], "b": "\\u00e9"} 😀', 'Not valid JSON at character 34: expected the end, found "😀".'],
    ['12', 'Expected a JSON object, found a number.'],
    ['"x"', 'Expected a JSON object, found a string.'],
    ['true', 'Expected a JSON object, found a boolean.'],
    ['null', 'Expected a JSON object, found null.'],
    ['[]', 'Expected a JSON object, found an array.'],
  ])('%j', async (input, reason) => {
    const { refused } = await read(input, { format: 'ndjson' });
    expect(refused).toMatchObject([{ reason, line: 1, input }]);
  });

  it.each([
    ['{"a":"x\n', 'The event is broken: a string is not closed on its line.'],
    ['{"a":[1}\n', 'The event is broken: a "}" closes what is not open.'],
    ['{"a":1\n{}', 'The event is broken: a "{" stands where none may.'],
    ['{"a":1', 'The event is broken: it does not end before the input does.'],
    ['[', 'The array that begins here is not closed at the end of the input.'],
    ['['.repeat(1002), 'The event is broken: it is nested deeper than 1000.'],
  ])('json: %j', async (input, reason) => {
    const { refused } = await read(input, { format: 'json' });
    expect(refused[0]?.reason).toBe(reason);
  });

  it.each(['ndjson', 'json'] as const)('with all that they are about, however it arrives (%s)', async (format) => {
    const lines = [`{"é":["${'x'.repeat(500)}"}`, '{"a":1}', '{"b":[1} 2', '{"c":1}'];
    for (const size of [1, 7, 10_000]) {
      const text = Buffer.from(lines.join('\n'));
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
        text.subarray(i * size, (i + 1) * size),
      );
      const { refused } = await readAll(chunks, { format });
      expect(refused.map(({ line, input }) => [line, input])).toEqual([
        [1, lines[0]],
        [3, lines[2]],
      ]);
    }
  });

  it('json: with the lines that are skipped because of it', async () => {
    const { refused } = await read('[\n {"a":\n  [1}\n  {"b":2}\n },\n {"c":3}\n]', { format: 'json' });
    expect(refused.map(({ input }) => input)).toEqual(['{"a":\n  [1}\n  {"b":2}\n },']);
  });

  it.each(['ndjson', 'json'] as const)('with no more than an event may have (%s)', async (format) => {
    const { refused } = await read(`{"a":"${'x'.repeat(500)}"}`, { format, maxEventBytes: 100 });
    expect(refused.map(({ input }) => input)).toEqual([`{"a":"${'x'.repeat(94)}`]);
  });
});

describe('refusals say where they stood', () => {
  it.each([
    ['ndjson', '{"a":1}\n\n{"é":}\n7\n{"a":2}\n[', ['3 #1 @9', '4 #2 @17', '6 #4 @27']],
    ['ndjson', `{"a":1}\n{"a":"${'x'.repeat(99)}"}\n{"a":}`, ['2 #1 @8', '3 #2 @116']],
    ['json', '[{"a":1}, 7, {"a":2},\n{"a"},\n{"a":3}', ['1 #1 @10', '2 #3 @22', '1 #5 @0']],
    ['json', '\uFEFF{"a":1} {"a":2}', []],
    ['auto', '\n{"a":1}\n{"a":}\n{"a":2}\n', ['3 #1 @9']],
  ] as const)('%s %j', async (format, input, places) => {
    const { refused } = await read(input, { format, maxEventBytes: 64 });
    expect(refused.map(({ line, index, byte }) => `${line} #${index} @${byte}`)).toEqual(places);
    const raw: string[] = [];
    const reader = new JsonReader({ format, maxEventBytes: 64, raw: true });
    for (const byte of Buffer.from(input)) reader.push(Buffer.of(byte));
    reader.end();
    for (const { line, index, byte } of reader.take()?.refused ?? []) raw.push(`${line} #${index} @${byte}`);
    expect(raw).toEqual(places);
  });
});

describe('bytes', () => {
  it.each(['ndjson', 'json', 'auto'] as const)('keeps characters that chunks cut (%s)', async (format) => {
    expect(await summary('{"a":"é😀"}\n{"a":"日本"}', { format })).toBe('1:"é😀" 2:"日本"');
  });

  it.each(['ndjson', 'json', 'auto'] as const)('refuses what is not UTF-8 (%s)', async (format) => {
    const bad = Buffer.from([...Buffer.from('{"a":"'), 0xc3, 0x28, ...Buffer.from('"}\n')]);
    const input = Buffer.concat([Buffer.from('{"a":"é"}\n'), bad, Buffer.from('{"a":2}\n')]);
    expect(await summary(input, { format })).toBe('1:"é" 3:2 !2');
    expect((await read(input, { format })).refused[0]).toMatchObject({
      reason: 'The event is not valid UTF-8. Expected JSON encoded as UTF-8.',
      line: 2,
      input: '{"a":"\uFFFD("}',
    });
  });

  it('takes its own copy of a chunk', async () => {
    function* reusing(): Generator<Uint8Array> {
      const chunk = Buffer.alloc(4);
      for (const text of ['{"a"', ':12 ', '}\n  ']) {
        chunk.write(text);
        yield chunk;
      }
    }
    expect((await readAll(reusing(), { format: 'ndjson' })).events).toEqual([[1, { a: 12 }]]);
  });
});

describe('maxEventBytes', () => {
  const long = `{"a":"${'é'.repeat(50)}"}`;

  it.each(['ndjson', 'auto'] as const)('refuses longer lines with their size (%s)', async (format) => {
    const options = { format, maxEventBytes: 40 };
    expect(await summary(`{"a":1}\n${long}\n{"a":2}\n`, options)).toBe('1:1 3:2 !2');
    const { refused } = await read(`${long}\n`, { ...options, format: 'ndjson' });
    expect(refused[0]?.reason).toBe('The event has 108 bytes; maxEventBytes allows 40.');
  });

  it('takes events of just that size', async () => {
    expect((await read(`${long}\n`, { maxEventBytes: 108 })).refused).toEqual([]);
    expect((await read(`[${long}]\n`, { maxEventBytes: 107 })).refused).toHaveLength(1);
  });

  it('resumes behind longer objects on a line of their own level', async () => {
    const input = `[\n {\n  "a": [\n   {"a": 7},\n   {"a": 8}\n  ]\n },\n {"a":9}]`;
    expect(await summary(input, { maxEventBytes: 20 })).toBe('8:9 !2');
  });

  it.each(['{"a":', '{"a":[', '{"a":{'])('is not slow with lines that never close: %s', async (row) => {
    const { events, refused } = await readAll([Buffer.from(`${row}\n`.repeat(200_000))], { format: 'json' });
    expect([events.length, refused.length > 0]).toEqual([0, true]);
  });

  it('does not hold what is too long', async () => {
    function* endlessString(): Generator<Uint8Array> {
      const chunk = Buffer.alloc(1 << 20, 'x');
      yield Buffer.from('{"a":"');
      for (let i = 0; i < 256; i++) yield chunk;
      yield Buffer.from('"}\n{"a":1}\n');
    }
    for (const format of ['ndjson', 'json'] as const) {
      const before = process.memoryUsage().arrayBuffers;
      const { events, refused } = await readAll(endlessString(), { format, maxEventBytes: 1 << 20 });
      expect([events, refused.length]).toEqual([[[2, { a: 1 }]], 1]);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 << 20);
    }
  });

  it.each([0, -1, 1.5, NaN])('may not be %d', async (maxEventBytes) => {
    await expect(readAll([], { maxEventBytes })).rejects.toThrow(RangeError);
  });
});

describe('ending early', () => {
  it('throws the reason of the signal, also while the source hangs', async () => {
    const controller = new AbortController();
    let left = false;
    const hanging: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return: () => {
          left = true;
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    };
    const reading = readJsonEvents(hanging, { signal: controller.signal }).next();
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    expect(left).toBe(true);
  });

  it('throws at once when aborted before', async () => {
    await expect(readAll([Buffer.from('{}')], { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
  });

  it('reads on as long as the signal is quiet', async () => {
    const { signal } = new AbortController();
    expect((await readAll([Buffer.from('{}\n'), Buffer.from('{}')], { signal })).events).toHaveLength(2);
  });

  it('lets go of the source when the consumer leaves, and passes on its errors', async () => {
    let left = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield await Promise.resolve(Buffer.from('{}\n'));
        throw new Error('broken pipe');
      } finally {
        left = true;
      }
    }
    for await (const batch of readJsonEvents(source())) {
      expect(batch.events).toEqual([{}]);
      break;
    }
    expect(left).toBe(true);
    const again = readJsonEvents(source(), { signal: new AbortController().signal });
    expect((await again.next()).value).toMatchObject({ events: [{}] });
    await expect(again.next()).rejects.toThrow('broken pipe');
  });
});

describe('properties', () => {
  const object = fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 5 }), fc.jsonValue({ maxDepth: 3 }), {
    maxKeys: 4,
  });
  const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/);
  const indent = fc.constantFrom(undefined, 0, 1, '\t');
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });

  function cut(text: string, sizes: number[]): Buffer[] {
    const bytes = Buffer.from(text);
    const chunks: Buffer[] = [];
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const size = sizes[i % sizes.length] ?? 1;
      chunks.push(bytes.subarray(at, at + size));
      at += size;
    }
    return chunks;
  }

  /** Puts texts together and tells on which line each begins. */
  function join(parts: readonly { before: string; json: string; after: string }[]): { text: string; lines: number[] } {
    let text = '';
    const lines: number[] = [];
    for (const { before, json, after } of parts) {
      text += before;
      lines.push(text.split('\n').length);
      text += json + after;
    }
    return { text, lines };
  }

  const item = fc.record({ value: object, indent, before: space, after: space });

  it.each(['auto', 'json'] as const)('objects and arrays read back the same (%s)', async (format) => {
    await fc.assert(
      fc.asyncProperty(fc.array(item, { minLength: 1 }), fc.boolean(), cuts, async (items, asArray, sizes) => {
        const parts = items.map(({ value, indent, before, after }, index) => ({
          before: (asArray ? (index === 0 ? '[' : ',') : '') + before,
          json: JSON.stringify(value, undefined, indent),
          after: after + (asArray && index === items.length - 1 ? ']' : ''),
        }));
        const { text, lines } = join(parts);
        const { events, refused } = await readAll(cut(text, sizes), { format });
        expect(refused).toEqual([]);
        expect(events).toEqual(parts.map(({ json }, index) => [lines[index], JSON.parse(json) as unknown]));
      }),
    );
  });

  it('objects of which some stand on a line and some do not read back the same', async () => {
    const text = '{"a":1}\n{"a":2}\n{"a":3}\n{\n  "a": 4\n}\n{"a":5}\n';
    const { events, refused } = await readAll([Buffer.from(text)]);
    expect(refused).toEqual([]);
    expect(events.map(([, event]) => event['a'])).toEqual([1, 2, 3, 4, 5]);
  });

  it.each([0, 500, 900, 999])(
    'a line that is cut short among lines harms no other (line %d of 1000)',
    async (broken) => {
      const lines = Array.from({ length: 1000 }, (_, index) =>
        index === broken ? '{"a":{"b":' : JSON.stringify({ a: index }),
      );
      const { events, refused } = await readAll([Buffer.from(lines.join('\n'))]);
      expect(refused.map(({ line }) => line)).toEqual([broken + 1]);
      expect(events).toHaveLength(999);
    },
  );

  const padding = fc.stringMatching(/^[ \t]{0,3}$/);
  const line = fc.record({ value: object, before: padding, after: padding });

  it('ndjson reads back the same, and garbage between never changes it', async () => {
    const garbage = fc.oneof(
      fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', '')),
      fc.constantFrom('{', '}', '[', ']', '{"a":', '"', '{"a":"', '{"a":[', ']}', '{"a":1', '', '\\', '//', '{"a":1}}'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(line, garbage), { minLength: 1 }), cuts, async (rows, sizes) => {
        const texts = rows.map((row) =>
          typeof row === 'string' ? row : row.before + JSON.stringify(row.value) + row.after,
        );
        const { events } = await readAll(cut(texts.join('\n'), sizes), { format: 'ndjson' });
        const expected = rows.flatMap((row, index) =>
          typeof row === 'string' ? [] : [[index + 1, JSON.parse(JSON.stringify(row.value)) as unknown]],
        );
        const garbageLines = new Set(rows.flatMap((row, index) => (typeof row === 'string' ? [index + 1] : [])));
        expect(events.filter(([at]) => !garbageLines.has(at))).toEqual(expected);
      }),
    );
  });

  it('chunks make no difference to anything', async () => {
    const piece = fc.constantFrom(
      '{"a":1}',
      '{',
      '}',
      '[',
      ']',
      ',',
      '\n',
      '\n',
      ' ',
      '"',
      '"a"',
      ':',
      '1',
      'x',
      '\\',
      '{\n"a":\n2}',
      '\r\n',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece),
        cuts,
        fc.constantFrom('auto', 'json', 'ndjson'),
        async (pieces, sizes, format) => {
          const text = pieces.join('');
          const whole = await readAll([Buffer.from(text)], { format });
          expect(withoutArrival(await readAll(cut(text, sizes), { format }))).toEqual(withoutArrival(whole));
        },
      ),
      { numRuns: 500 },
    );
  });
});

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/observe/logger.js';
import { DeadLetters } from '../../src/sender/dead-letters.js';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tranquility-letters-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** What the line of an event has behind `"event":`. */
async function kept(event: unknown): Promise<string> {
  const path = join(directory, 'letters.ndjson');
  const letters = await DeadLetters.open(path, { dataSource: 'clicks', setting: 'a.path', logger: silentLogger });
  letters.keep(event, 'late', 'It is late.');
  await letters[Symbol.asyncDispose]();
  const line = await readFile(path, 'utf8');
  await rm(path);
  const [, facts = '', written = ''] = /^(.*),"event":(.*)\}\n$/s.exec(line) ?? [];
  expect(JSON.parse(`${facts}}`)).toMatchObject({
    dataSource: 'clicks',
    lane: null,
    reason: 'late',
    message: 'It is late.',
  });
  return written;
}

describe('a dead letter', () => {
  it.each([
    ['numbers that no number of JavaScript is', '{"id":9007199254740993,"n":1.10,"big":1e400}'],
    ['equal keys', '{"a":1,"a":2}'],
    ['keys with a meaning of their own', '{"__proto__":{"a":1}}'],
    ['escapes', '{"a":"\\u00e9\\n\u2028"}'],
    ['what is no object', '[1, 2]'],
  ])('has bytes of JSON as they came: %s', async (_, text) => {
    expect(await kept(Buffer.from(text))).toBe(text);
  });

  it('is one line', async () => {
    expect(await kept(Buffer.from(' {\r\n  "a": 1,\n\t"b": 2\n}\n'))).toBe('{    "a": 1, \t"b": 2 }');
  });

  it('has what is no JSON as text, and objects as JSON', async () => {
    expect(await kept(Buffer.from('{"a":\n'))).toBe(String.raw`"{\"a\":\n"`);
    expect(await kept({ a: 1 })).toBe('{"a":1}');
    expect(await kept({ a: 1n })).toMatch(/^"\[.*BigInt/);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ChunkDecoder, Decoded } from '../../src/decode/decoder.js';
import { decoderFor } from '../../src/decode/decoder-for.js';
import { inputFormatOf } from '../support/input-formats.js';

interface Case {
  readonly parseSpec?: Readonly<Record<string, unknown>>;
  readonly inputFormat?: Readonly<Record<string, unknown>>;
  readonly lines: readonly string[];
  readonly rows?: readonly unknown[];
  readonly refused?: true;
}

const corpus = readFileSync(new URL('../fixtures/parsers/corpus.ndjson', import.meta.url), 'utf8');
const cases = corpus
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Case);

/** What Druid takes, and we refuse by name when the config is read. */
const refusedHere = new Map([
  ['a regular expression in a filter', /=~/],
  ['operators that never hold for lists in Druid', /empty|size/],
  ['a slice with a step, which Druid takes no notice of', /0:2:1/],
  ['functions that do not exist, which give null in Druid', /foo\(\)|sum\(\)/],
  ['a function of several values, which gives no value in Druid', /list\[\*\]\.a\.max\(\)/],
  ['all of jq but paths and the like', /\[\.n\]|\+ 1/],
  ['a column that is made twice, which fails in Druid with the first row', /\["n","n"\]/],
  ['what no engine matches in linear time', /&&\[|a\+\+|\?=a|\\\\1/],
  ['loops of what may be empty', /\(a\*\)\*|\(a\*\)\+/],
  ['patterns that fail in Druid with the first row', /"\(a"|"a\)"|"\*a"|\{3,2\}|\[b-a\]/],
]);

describe('text of every format', () => {
  it('becomes the rows that it becomes in Druid', () => {
    const differing = cases.flatMap((each) =>
      each.refused === true || formatOf(each) === undefined ? [] : compared(each),
    );
    expect(differing).toEqual([]);
  });

  it('is refused where Druid refuses its format, and where we say so', () => {
    const reasons = [...refusedHere.values()];
    for (const each of cases) {
      const label = JSON.stringify(each.parseSpec ?? each.inputFormat);
      const isKnown = each.refused === true || reasons.some((reason) => reason.test(label));
      expect(formatOf(each) === undefined, label).toBe(isKnown);
    }
  });
});

function formatOf({ parseSpec, inputFormat }: Case): ReturnType<typeof inputFormatOf>['format'] {
  return inputFormatOf(parseSpec === undefined ? {} : { parseSpec }, inputFormat).format;
}

function compared(each: Case): unknown[] {
  const inputFormat = formatOf(each);
  if (inputFormat === undefined) return [];
  const decoder = decoderFor({ inputFormat });
  // A parser reads one line after another; an inputFormat is given a payload of its own each time.
  const whole = each.parseSpec === undefined ? undefined : decoder.open();
  return each.lines.flatMap((line, index) => {
    // We take no empty line for a row.
    if (line === '' || isInfinityAsText(each, line)) return [];
    const expected = each.rows?.[index];
    const given = whole === undefined ? rowsOf(decoder.decode(Buffer.from(line))) : rowOf(whole, line);
    return plain(given) === plain(expected)
      ? []
      : [{ format: each.parseSpec ?? each.inputFormat, line, expected, given }];
  });
}

function rowsOf({ events, refused }: Decoded): unknown {
  return refused.length > 0 ? '!' : events;
}

function rowOf(decoder: ChunkDecoder, line: string): unknown {
  decoder.push(Buffer.from(`${line}\n`));
  const decoded = decoder.take();
  if (decoded === undefined) return null;
  return decoded.refused.length > 0 ? '!' : decoded.events[0];
}

/** Druid's jq has another text for a number without bounds. */
function isInfinityAsText({ parseSpec }: Case, line: string): boolean {
  return JSON.stringify(parseSpec ?? {}).includes('tostring') && line.includes('1e400');
}

/** JSON with its keys in order; infinite numbers, which JSON has no word for, as Druid's mapper writes them. */
function plain(value: unknown): string {
  if (value instanceof Uint8Array) return plain(JSON.parse(Buffer.from(value).toString()));
  if (value === Infinity) return '"Infinity"';
  if (Array.isArray(value)) return `[${value.map(plain).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}:${plain(each)}`);
  return `{${members.sort().join(',')}}`;
}

import { describe, expect, it } from 'vitest';
import { EventReader, jsonWithMillis } from '../../src/event/event-reader.js';

const noon = Date.parse('2026-03-05T12:00:00Z');

function read(event: unknown, spec: { format?: string; missingValue?: string } = {}): unknown {
  const reader = new EventReader({ column: 't', format: 'auto', ...spec });
  const refusal = reader.accept(event);
  return refusal?.reason ?? [reader.timestamp, reader.json()];
}

describe('an event', () => {
  it.each([
    ['a canonical text', { t: '2026-03-05T12:00:00Z' }, '{"t":"2026-03-05T12:00:00Z"}'],
    ['a number', { t: noon, a: 1 }, `{"t":${noon},"a":1}`],
    ['a Date', { t: new Date(noon) }, `{"t":${noon}}`],
    ['a text with an offset', { a: 1, t: '2026-03-05T13:00:00+01:00' }, `{"a":1,"t":${noon}}`],
    ['a fraction of a millisecond', { t: noon + 0.5 }, `{"t":${noon}}`],
    ['a toJSON of its own', { toJSON: () => ({ t: noon }) }, `{"t":${noon}}`],
  ])('with %s is read, and written so that Druid reads the same', (_, event, json) => {
    expect(read(event)).toEqual([noon, json]);
  });

  it.each([
    ['posix', noon / 1000],
    ['nano', String(BigInt(noon) * 1_000_000n)],
    ['ruby', noon / 1000 + 0.0001],
  ])('in the format %s is written as milliseconds', (format, t) => {
    expect(read({ t }, { format })).toEqual([noon, `{"t":${noon}}`]);
  });

  it.each([null, undefined])('whose time is %s has the missingValue, if there is one', (t) => {
    expect(read({ t })).toBe('unparseable');
    expect(read({ t }, { missingValue: '2026-03-05T12:00:00Z' })).toEqual([noon, `{"t":${noon}}`]);
    expect(read({ t: '' }, { missingValue: '2026-03-05T12:00:00Z' })).toBe('unparseable');
  });

  it.each([
    ['null', null, 'unparseable'],
    ['a list', [{ t: noon }], 'unparseable'],
    ['a text', '{"t":1}', 'unparseable'],
    ['without a time', {}, 'unparseable'],
    ['with an invalid Date', { t: new Date(NaN) }, 'unparseable'],
    ['with an object for a time', { t: {} }, 'unparseable'],
    [
      'with a toJSON that throws',
      {
        toJSON: () => {
          throw new Error('no');
        },
      },
      'unserializable',
    ],
    [
      'with a getter that throws',
      {
        get t() {
          throw new Error('no');
        },
      },
      'unserializable',
    ],
  ])('%s is dropped', (_, event, reason) => {
    expect(read(event)).toBe(reason);
  });

  it.each([
    ['a BigInt', { t: noon, n: 1n }],
    [
      'a getter that throws',
      {
        t: noon,
        get a() {
          throw new Error('no');
        },
      },
    ],
  ])('with %s has no JSON', (_, event) => {
    expect(read(event)).toEqual([noon, expect.objectContaining({ reason: 'unserializable' })]);
  });

  it('can be written for a task that reads another column', () => {
    expect(jsonWithMillis({ t: 'x', a: 1 }, 'timestamp', noon)).toBe(`{"t":"x","a":1,"timestamp":${noon}}`);
  });
});

import { describe, expect, it } from 'vitest';
import { readOptions } from '../src/options.js';
import { table } from '../src/table.js';

describe('a table', () => {
  it('has numbers to the right and times without their day', () => {
    const rows = [
      { since: '2026-03-05T10:20:05.000Z', name: 'ATL', flights: 1234, late: 0.55 },
      { since: '2026-03-05T10:20:00.000Z', name: null, flights: 7, late: -12 },
    ];
    expect(table(rows)).toBe(
      [
        '  since     name  flights  late',
        '  ────────  ────  ───────  ────',
        '  10:20:05  ATL     1,234   0.6',
        '  10:20:00              7   -12',
      ]
        .map((line) => `${line}\n`)
        .join(''),
    );
    expect(table([])).toBe('  (no rows)\n');
  });
});

describe('the options', () => {
  it('are read, or refused with what is wrong', () => {
    expect(readOptions([])).toEqual({ keep: false, druid: undefined, seconds: 20, rate: 2000 });
    expect(readOptions(['--druid', 'http://x:1/', '--keep'])).toMatchObject({ druid: 'http://x:1', keep: true });
    expect(readOptions(['--help'])).toBe('help');
    expect(() => readOptions(['--druid', 'x'])).toThrow('--druid x: expected a URL');
    expect(() => readOptions(['--seconds', '0'])).toThrow('--seconds 0: expected a whole number from 1.');
  });
});

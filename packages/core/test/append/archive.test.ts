import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkedInterval } from '../../src/append/archive.js';

const zone = process.env['TZ'];

beforeEach(() => {
  process.env['TZ'] = 'America/Los_Angeles';
});
afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

const [start, end] = [Date.UTC(2026, 2, 5), Date.UTC(2026, 2, 6)];

it.each([
  '2026-03-05T00:00:00Z/2026-03-06T00:00:00.000Z',
  '2026-03-05T00:00:00/2026-03-06T00:00:00',
  '2026-03-05T00/2026-03-06',
  '2026-03-05T02:00+02:00/2026-03-05T16:00:00-08:00',
  '2026-064/2026-W10-5',
])('%s is a day in UTC, wherever it is read', (text) => {
  expect(new Date(2026, 2, 5).getTime()).not.toBe(start);
  expect(checkedInterval(text)).toEqual({ text, start, end });
});

it.each([
  '5 March 2026/March 6, 2026',
  '3/5/2026',
  '03/05',
  '2026-03-05 00:00/2026-03-06 00:00',
  'T10:00/T11:00',
  '2026-03-05T24:00:00Z/2026-03-06T00:00:00Z',
  '2026-03-06/2026-03-05',
  '2026-03-05/2026-03-05',
  '2026-03-05',
  '2026-03-05/2026-03-06/2026-03-07',
  '2026-03-05/P1D',
])('%s is refused', (text) => {
  expect(() => checkedInterval(text)).toThrow(`The interval is ${JSON.stringify(text)}. Give its start and its end in`);
});

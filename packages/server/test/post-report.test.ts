import { expect, it } from 'vitest';
import { PostReport } from '../src/post/post-report.js';
import { click, running } from './support/clicks.js';
import { post } from './support/ask.js';

const late = (index: number) => ({ index, reason: 'late', message: 'late' }) as const;
const fault = { status: 400, message: 'Malformed JSON' } as const;

it('tells of the first ten events by their places, and of the one behind the fault', () => {
  const report = new PostReport();
  const told = (): readonly number[] => report.rejected.map(({ index }) => index);
  for (let index = 14; index >= 5; index--) report.reject(late(index));
  expect(told()).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  report.reject(late(30), fault);
  expect(told()).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 30]);
  report.reject(late(40), fault);
  report.reject(late(20));
  report.reject(late(3));
  const undelivered = { status: 'dropped', reason: 'late', message: 'late' } as const;
  report.handOver(3);
  const asked: number[] = [];
  for (const place of [4, 12, 35]) {
    const index = (): number => {
      asked.push(place);
      return place;
    };
    report.settleUndelivered(index, undelivered, place);
  }
  expect(asked).toEqual([4]);
  expect(told()).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 30]);
  expect([report.received, report.dropped]).toEqual([17, { late: 17 }]);
});

it.each(['/v1/post/clicks', '/v1/post', '/v1/post/clicks?strict'])(
  'says at %s where what is broken stands, though many events are dropped too',
  async (path) => {
    await using it = await running();
    await post(`${it.url}/v1/post/clicks`, click('a'));
    const events = '{"time":1,"dataSource":"clicks"}\n'.repeat(12);
    const headers = { 'content-type': 'application/x-ndjson' };
    const body = `${events}{"time":,}\n${events}`;
    const answer = await (await fetch(`${it.url}${path}`, { method: 'POST', headers, body })).text();
    const places = answer.match(/(?<=^event )\d+/gm)?.map(Number);
    expect(places).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 12]);
    expect(answer).toMatch(/^event 12, line 13, byte \d+: unparseable/m);
  },
);

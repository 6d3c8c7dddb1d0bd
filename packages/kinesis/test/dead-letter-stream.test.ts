import type { Letter } from '@tranquility-js/connect';
import { expect, it } from 'vitest';
import { DeadLetterStream } from '../src/dead-letter-stream.js';
import { Position } from '../src/position.js';

interface Put {
  readonly stream: string;
  readonly records: readonly { readonly key: string; readonly data: Uint8Array }[];
}

/** Letters in a stream `dead-…` each, and the requests in which they were written. */
function stage() {
  const puts: Put[] = [];
  const api = {
    put: (stream: string, records: Put['records']) => {
      puts.push({ stream, records });
      return Promise.resolve(records.map(() => true));
    },
  };
  return { puts, letters: new DeadLetterStream(api, (stream) => `dead-${stream}`) };
}

const letterOf = ({ key = 'k', value = '1', stream = 'clicks', message = 'It is late.' }): Letter<Position> => ({
  ...{ stream, partition: 'shardId-0', dataSource: 'clicks', reason: 'late', message, dropped: 3 },
  record: {
    ...{ position: new Position('1', 0), next: new Position('1', 0), value: Buffer.from(value), timestamp: 0 },
    ...{ key: Buffer.from(key), headers: {} },
  },
});

const read = (data: Uint8Array): Record<string, unknown> =>
  JSON.parse(Buffer.from(data).toString()) as Record<string, unknown>;

it('a dead letter has as much of its record’s key for a partition key as Kinesis takes, and all of it within', async () => {
  const { puts, letters } = stage();
  const keys = ['short', 'x'.repeat(300), `${'x'.repeat(255)}😀`, ''];
  for (const key of keys) await letters.keep(letterOf({ key }));
  const put = puts.flatMap(({ records }) => records);
  expect(put.map(({ key }) => key)).toEqual(['short', 'x'.repeat(256), 'x'.repeat(255), 'shardId-0']);
  expect(put.map(({ data }) => read(data)['key'])).toEqual(keys);
  expect(put.map(({ data }) => read(data)['dropped'])).toEqual([3, 3, 3, 3]);
});

it('what would be more than Kinesis takes goes without its data, and with the beginning of its key', async () => {
  const { puts, letters } = stage();
  // Each of these characters takes six bytes in JSON.
  const long = '\u0001'.repeat(600_000);
  const large = 'x'.repeat(740_000);
  await Promise.all(
    [
      { value: large },
      { value: large, key: 'x'.repeat(20_000) },
      { value: 'x'.repeat(10_000_000) },
      { key: long },
      { message: long },
    ].map((parts) => letters.keep(letterOf(parts))),
  );
  const put = puts.flatMap(({ records }) => records.map(({ data }) => data));
  expect(put.every(({ length }) => length <= 1_000_000)).toBe(true);
  expect(put.map(read).map(({ key, message, data }) => [key, message, data])).toEqual([
    ['k', 'It is late.', Buffer.from(large).toString('base64')],
    ['x'.repeat(20_000), 'It is late.', null],
    ['k', 'It is late.', null],
    ['\u0001'.repeat(256), 'It is late.', null],
    ['k', '\u0001'.repeat(256), null],
  ]);
});

it('as many are written at once as Kinesis takes, to each stream its own', async () => {
  const { puts, letters } = stage();
  const streams = Array.from({ length: 1_300 }, (_, at) => (at % 13 === 0 ? 'views' : 'clicks'));
  const large = Array.from({ length: 10 }, () => ({ stream: 'large', value: 'x'.repeat(700_000) }));
  const all = [...streams.map((stream) => ({ stream })), ...large];
  await Promise.all(all.map((parts) => letters.keep(letterOf(parts))));
  expect(puts.map(({ stream, records }) => [stream, records.length])).toEqual([
    ['dead-views', 100],
    ['dead-clicks', 500],
    ['dead-clicks', 500],
    ['dead-clicks', 200],
    ...[4, 4, 2].map((count) => ['dead-large', count]),
  ]);
});

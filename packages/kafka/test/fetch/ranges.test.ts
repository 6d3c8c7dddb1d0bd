import { beforeEach, expect, it } from 'vitest';
import { readFetchAnswer } from '../../src/source/fetch/fetch-answer.js';
import { Ranges } from '../../src/source/fetch/ranges.js';
import { answerOf, batchOf } from './answers.js';

const topic = 'clicks';
/** The broker that leads each partition, once it was asked for. */
let leaders: number[] = [];
let told: unknown[] = [];
let ranges: Ranges;

beforeEach(() => {
  [leaders, told] = [[1, 1], []];
  let known: number[] = [1, 1];
  const cluster = {
    refreshMetadata: () => {
      known = leaders;
      return Promise.resolve();
    },
    findTopicPartitionMetadata: () => known.map((leader, partitionId) => ({ partitionId, leader })),
  };
  ranges = new Ranges(cluster, 1, {
    answered: (...answer) => void told.push(['answered', ...answer]),
    outOfRange: (...answer) => void told.push(['out of range', ...answer]),
  });
});

const asked = {
  topics: [
    {
      topic,
      partitions: [
        { partition: 0, fetchOffset: '100' },
        { partition: 1, fetchOffset: '20' },
      ],
    },
  ],
};

/** What kafkajs is told of an answer with these error codes, in which the second partition has a record. */
async function known(...[first, second]: [number, number]) {
  const set = await batchOf({ firstOffset: 20, lastOffsetDelta: 0, records: [{ offsetDelta: 0, value: null }] });
  const answer = await readFetchAnswer(
    answerOf(topic, [
      { partition: 0, set: null, errorCode: first },
      { partition: 1, set, errorCode: second },
    ]),
  );
  const { responses } = await ranges.watched(answer ?? { responses: [] }, asked);
  return responses[0]?.partitions.map(({ errorCode, preferredReadReplica, messages }) => [
    errorCode,
    preferredReadReplica,
    messages.length,
  ]);
}

const codesOf = (partitions: readonly (readonly number[])[] = []) => partitions.map(([code]) => code);

it('an answer is passed on', async () => {
  expect(await known(0, 0)).toEqual([
    [0, -1, 0],
    [0, -1, 1],
  ]);
  expect(told).toEqual([
    ['answered', topic, 0, 100],
    ['answered', topic, 1, 20],
  ]);
});

it('that an offset is out of range is told to us, and kafkajs learns of the other partitions only', async () => {
  expect(await known(1, 0)).toEqual([
    [0, -1, 0],
    [0, -1, 1],
  ]);
  expect(told).toEqual([
    ['out of range', topic, 0, 100],
    ['answered', topic, 1, 20],
  ]);
});

it('where another broker leads by now, that one is asked, and nothing is told', async () => {
  leaders = [2, 1];
  expect(await known(1, 0)).toEqual([
    [0, 2, 0],
    [0, -1, 1],
  ]);
  expect(told).toEqual([['answered', topic, 1, 20]]);
});

it('an answer that kafkajs gives up is none', async () => {
  expect(codesOf(await known(0, 6))).toEqual([0, 6]);
  expect(told).toEqual([]);
  expect(codesOf(await known(1, 6))).toEqual([0, 6]);
  expect(told).toEqual([['out of range', topic, 0, 100]]);
});

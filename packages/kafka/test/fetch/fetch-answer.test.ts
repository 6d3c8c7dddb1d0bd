import type { KafkaMessage } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { installCodecs } from '../../src/codecs/codecs.js';
import type { BatchRecord } from '../../src/source/fetch/batch-record.js';
import { readFetchAnswer } from '../../src/source/fetch/fetch-answer.js';
import { MessageRecord } from '../../src/source/fetch/message-record.js';
import type { FetchedSet } from '../../src/source/fetch/read-batches.js';
import { answerOf, batchOf, marked, readAsKafkajs, sealed, type GivenPartition } from './answers.js';

const [appendTime, control] = [0x08, 0x20];
const [lengthAt, magicAt, attributesAt, lastDeltaAt, countAt, recordsAt] = [8, 16, 21, 23, 57, 61];
const text = (value: string): Buffer => Buffer.from(value);

const three = (firstOffset: number, more: object = {}): Promise<Buffer> =>
  batchOf({
    ...{ firstOffset, lastOffsetDelta: 2 },
    ...more,
    records: [
      {
        offsetDelta: 0,
        timestampDelta: 5,
        key: text('k'),
        value: text('{"a":1}'),
        headers: { h: text('1'), g: text('') },
      },
      { offsetDelta: 1, timestampDelta: -7, value: text('x'.repeat(70_000)), headers: { h: [text('1'), text('2')] } },
      { offsetDelta: 2, timestampDelta: 70_000, key: text('gone'), value: null },
    ],
  });

/** More records than are made to say why they cannot be read. */
function promiseTooMuch(set: Buffer): void {
  set.writeInt32BE(2_000_000, countAt);
  set.writeInt32BE(1_999_999, lastDeltaAt);
}

async function read(...partitions: GivenPartition[]): Promise<(FetchedSet | undefined)[]> {
  const answer = await readFetchAnswer(answerOf('topic', partitions));
  return answer?.responses[0]?.partitions.map(({ messages }) => messages[0]) ?? [];
}

const recordsOf = (set: FetchedSet | undefined): BatchRecord[] =>
  Array.from({ length: set?.records.length ?? 0 }, (_, index) => set?.records.at(index)).filter(
    (one) => one !== undefined,
  );

const positions = (set: FetchedSet | undefined): number[] => recordsOf(set).map(({ position }) => position);

describe('an answer to a fetch', () => {
  it.each([
    ['plain', 0],
    ['gzip', 1],
  ])('has of each record what kafkajs reads (%s)', async (_, compression) => {
    installCodecs(1_000_000);
    const set = Buffer.concat([
      await three(5_000_000_000, { compression }),
      marked(await three(5_000_000_003, { compression }), appendTime),
    ]);
    const bytes = answerOf('topic', [{ partition: 3, set }]);
    const theirs = (await readAsKafkajs(bytes)).responses[0]?.partitions[0]?.messages ?? [];
    const [ours] = await read({ partition: 3, set });
    expect(
      recordsOf(ours).map(({ position, timestamp, key, value, headers }) => ({
        ...{ offset: String(position), timestamp: String(timestamp), key, value, headers },
      })),
    ).toEqual(theirs.map(({ offset, timestamp, key, value, headers }) => ({ offset, timestamp, key, value, headers })));
    expect(theirs).toHaveLength(6);
  });

  it('has of the rest what kafkajs reads', async () => {
    const bytes = answerOf('topic', [
      { partition: 0, set: await three(0) },
      { partition: 1, set: null, aborted: null },
    ]);
    const withoutMessages = ({ responses, ...rest }: Awaited<ReturnType<typeof readAsKafkajs>>) => ({
      ...rest,
      responses: responses.map(({ partitions, ...topic }) => ({
        ...topic,
        partitions: partitions.map((partition) => ({ ...partition, messages: partition.messages.length > 0 })),
      })),
    });
    expect(withoutMessages((await readFetchAnswer(bytes)) as never)).toEqual(
      withoutMessages(await readAsKafkajs(bytes)),
    );
  });

  it('goes on behind a batch whose last records are deleted', async () => {
    const [set] = await read({
      partition: 0,
      set: await batchOf({ firstOffset: 10, lastOffsetDelta: 9, records: [{ offsetDelta: 4, value: text('{}') }] }),
    });
    expect(recordsOf(set).map(({ position, next }) => [position, next])).toEqual([[14, 20]]);
    expect(set?.offset).toBe('19');
  });

  it('leaves out what belongs to transactions that were given up, and markers', async () => {
    const transactional = (firstOffset: number, producerId: number) =>
      three(firstOffset, { transactional: true, producerId });
    const marker = async (firstOffset: number, producerId: number) =>
      marked(await batchOf({ firstOffset, lastOffsetDelta: 0, transactional: true, producerId, records: [] }), control);
    const set = Buffer.concat([
      await transactional(10, 1),
      await transactional(13, 2),
      await three(16),
      await marker(19, 1),
      await transactional(20, 1),
      await marker(23, 2),
      await marker(24, 1),
    ]);
    // Both were begun before what was asked for; kafkajs would take a record for one of them.
    const aborted = [
      { producerId: 2, firstOffset: 4 },
      { producerId: 1, firstOffset: 3 },
    ];
    const [fetched] = await read({ partition: 0, set, aborted });
    expect(positions(fetched)).toEqual([16, 17, 18, 20, 21, 22]);
    expect(fetched?.offset).toBe('24');
    const [onlyMarkers] = await read({ partition: 0, set: await marker(24, 1) });
    expect([onlyMarkers?.offset, positions(onlyMarkers)]).toEqual(['24', []]);
  });

  it('leaves out a batch that is cut off', async () => {
    const [whole, next] = [await three(0), await three(3)];
    for (const length of [20, 60, 100, next.length - 1]) {
      const [set] = await read({ partition: 0, set: Buffer.concat([whole, next.subarray(0, length)]) });
      expect([positions(set), set?.offset]).toEqual([[0, 1, 2], '2']);
    }
    expect(await read({ partition: 0, set: next.subarray(0, 61) })).toEqual([undefined]);
  });

  it('is left to kafkajs where its records are of an old format', async () => {
    const old = await three(0);
    old[magicAt] = 1;
    expect(await readFetchAnswer(answerOf('topic', [{ partition: 0, set: old }]))).toBeUndefined();
  });

  it.each<[string, string, (set: Buffer) => unknown]>([
    ['its count is too high', 'holds 1000 records from offset 7 up to 10', (set) => set.writeInt32BE(1_000, countAt)],
    ['its count is below 0', 'holds -1 records', (set) => set.writeInt32BE(-1, countAt)],
    ['it ends before it begins', 'from offset 7 up to 5', (set) => set.writeInt32BE(-3, lastDeltaAt)],
    ['it begins below 0', 'from offset -', (set) => set.writeInt32BE(-1, 0)],
    ['it has no length', 'no batch of records', (set) => set.writeInt32BE(-5, lengthAt)],
    ['it is of a format that nobody knows', 'no batch of records', (set) => (set[magicAt] = 7)],
    ['a record ends too early', 'at offset 7 is broken', (set) => set.writeUInt8(1, recordsAt)],
    ['a record ends behind it', 'at offset 7 is broken', (set) => set.writeUInt8(0x7f, recordsAt)],
    ['it cannot even be refused', 'says that it holds 2000000 records', (set) => promiseTooMuch(marked(set, 7))],
  ])('says that a batch is broken where %s, and has the other partitions', async (_, reason, change) => {
    const set = await three(7);
    change(set);
    sealed(set);
    const [broken, whole] = await read({ partition: 0, set }, { partition: 1, set: await three(7) });
    expect(broken?.broken?.message).toContain(reason);
    expect([positions(broken), whole?.broken, positions(whole)]).toEqual([[], undefined, [7, 8, 9]]);
    // kafkajs keeps to itself what ends before the place that it has asked for.
    expect(Number(broken?.offset)).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('says that a batch is broken where a bit of it is another', async () => {
    const whole = await three(7);
    for (let at = attributesAt; at < whole.length; at++) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      const [set] = await read({ partition: 0, set: bytes });
      expect([positions(set), set?.broken?.name]).toEqual([[], 'RangeError']);
    }
  });

  it.each([
    [-1, 'UNKNOWN_SERVER_ERROR'],
    [2, 'CORRUPT_MESSAGE'],
    [87, 'INVALID_RECORD'],
  ])(
    'says that a batch is broken where the broker does (%d), and has the other partitions',
    async (errorCode, name) => {
      const partitions = [
        { partition: 0, set: null, errorCode },
        { partition: 1, set: await three(7) },
      ];
      const [broken, whole] = await read(...partitions);
      expect([broken?.broken?.message, positions(broken)]).toEqual([`The broker itself cannot read it (${name}).`, []]);
      expect(positions(whole)).toEqual([7, 8, 9]);
      const codes = (await readFetchAnswer(answerOf('topic', partitions)))?.responses[0]?.partitions;
      expect(codes?.map((one) => one.errorCode)).toEqual([0, 0]);
    },
  );

  it('leaves to kafkajs what else a broker says of a partition', async () => {
    const [offsetOutOfRange, notLeader] = [1, 6];
    const partitions = [offsetOutOfRange, notLeader].map((errorCode) => ({ partition: 0, set: null, errorCode }));
    const found = (await readFetchAnswer(answerOf('topic', partitions)))?.responses[0]?.partitions;
    expect(found?.map(({ errorCode, messages }) => [errorCode, messages])).toEqual([
      [offsetOutOfRange, []],
      [notLeader, []],
    ]);
  });

  it('has what lies before a batch that is broken', async () => {
    const before = Buffer.concat([await three(7), await three(10)]);
    const [whole] = await read({ partition: 0, set: before });
    // Of the last record, its length or its offset: the two before it can be read.
    for (const at of [13, 8]) {
      const broken = await three(13);
      broken.writeUInt8(0x7f, broken.length - at);
      sealed(broken);
      const [set] = await read({ partition: 0, set: Buffer.concat([before, broken]) });
      expect([positions(set), set?.offset, set?.broken]).toEqual([[7, 8, 9, 10, 11, 12], '12', undefined]);
      expect(set?.records.sums).toEqual(whole?.records.sums);
      const [next] = await read({ partition: 0, set: broken });
      expect([positions(next), next?.broken?.message]).toEqual([[], 'The batch of records at offset 13 is broken.']);
    }
  });

  it('says why records of a compression that nobody knows cannot be read', async () => {
    installCodecs(1_000_000);
    const [set] = await read({ partition: 0, set: marked(await three(0), 7) });
    expect(recordsOf(set).map(({ value, refused }) => [value, refused])).toEqual(
      Array.from({ length: 3 }, () => [null, 'It is in a batch with a compression that nobody knows (7).']),
    );
  });

  it('says why records cannot be unpacked, also of those that kafkajs reads', async () => {
    installCodecs(1_000_000);
    const set = marked(await three(0), 1);
    const reasons = recordsOf((await read({ partition: 0, set }))[0]).map(({ refused }) => refused);
    expect(reasons).toEqual(
      Array.from({ length: 3 }, () => expect.stringContaining('that gzip cannot read') as string),
    );
    const answer = await readAsKafkajs(answerOf('topic', [{ partition: 0, set }]));
    const messages = answer.responses[0]?.partitions[0]?.messages ?? [];
    expect(messages.map((message) => new MessageRecord(message as KafkaMessage).refused)).toEqual(reasons);
  });
});

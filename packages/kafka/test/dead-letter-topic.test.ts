import type { Letter } from '@tranquility-js/connect';
import type { TranquilityError } from '@tranquility-js/core';
import kafkajs, { type Kafka, type ProducerBatch } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { DeadLetterTopic } from '../src/dead-letter-topic.js';

const protocolError = (retriable: boolean, type = 'SOME'): Error =>
  new kafkajs.KafkaJSProtocolError(Object.assign(new Error('The answer of a broker.'), { retriable, type }));

/** Keeps letters of these positions where brokers answer with an error for batches that hold one of those in `errors`. */
async function kept(
  positions: readonly number[],
  errors: ReadonlyMap<number, Error>,
): Promise<{ readonly written: number[][]; readonly outcomes: (string | undefined)[]; readonly messages: string[] }> {
  const written: number[][] = [];
  const messages: string[] = [];
  const producer = {
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    sendBatch: ({ topicMessages = [] }: ProducerBatch) => {
      const batch = topicMessages.flatMap(({ messages }) =>
        messages.map(({ headers }) => Number(headers?.['tranquility.offset'])),
      );
      const error = batch.map((position) => errors.get(position)).find((found) => found !== undefined);
      if (error !== undefined) return Promise.reject(error);
      written.push(batch);
      return Promise.resolve([]);
    },
  };
  const letters = new DeadLetterTopic({ producer: () => producer } as unknown as Kafka, (topic) => `${topic}-dead`);
  const outcomes = await Promise.all(
    positions.map((position) =>
      letters.keep(letterOf(position)).then(
        () => undefined,
        (error: unknown) => {
          const { code, message } = error as TranquilityError;
          messages.push(message);
          return code;
        },
      ),
    ),
  );
  return { written, outcomes, messages };
}

const letterOf = (position: number): Letter<number> => ({
  ...{ stream: 'clicks', partition: '0', dataSource: 'clicks', reason: 'unparseable', message: 'No JSON.', dropped: 1 },
  record: { position, next: position + 1, key: null, value: Buffer.from('x'), headers: {}, timestamp: 0 },
});

describe('the topic of dead letters', () => {
  it('takes a record with a header that has no value, which kafkajs cannot write', async () => {
    let written: ProducerBatch['topicMessages'];
    const producer = {
      connect: () => Promise.resolve(),
      sendBatch: (batch: ProducerBatch) => {
        written = batch.topicMessages;
        return Promise.resolve([]);
      },
    };
    const letters = new DeadLetterTopic({ producer: () => producer } as unknown as Kafka, () => 'dead');
    const letter = letterOf(1);
    await letters.keep({ ...letter, record: { ...letter.record, headers: { a: 'x', b: undefined } } });
    expect(written?.[0]?.messages[0]?.headers).toMatchObject({ a: 'x', b: '', 'tranquility.dropped': '1' });
  });

  it('takes many at once', async () => {
    expect(await kept([1, 2, 3], new Map())).toMatchObject({
      written: [[1, 2, 3]],
      outcomes: [undefined, undefined, undefined],
    });
  });

  it('takes the neighbours of one that is refused once, and says that it is final', async () => {
    const tooLarge = protocolError(false);
    for (const error of [tooLarge, Object.assign(new Error('No.'), { cause: tooLarge })]) {
      expect(await kept([1, 2, 3], new Map([[2, error]]))).toMatchObject({
        written: [[1], [3]],
        outcomes: [undefined, 'TRQ_DEAD_LETTER_REFUSED', undefined],
      });
    }
  });

  it('is not given up where trying again may help', async () => {
    for (const error of [protocolError(true), new kafkajs.KafkaJSConnectionError('Gone.')]) {
      expect((await kept([1], new Map([[1, error]]))).outcomes).toEqual(['TRQ_DEAD_LETTER_FAILED']);
    }
  });

  it('that is not there is to be made', async () => {
    const missing = protocolError(true, 'UNKNOWN_TOPIC_OR_PARTITION');
    for (const error of [missing, Object.assign(new Error('No.'), { cause: missing })]) {
      expect(await kept([1], new Map([[1, error]]))).toEqual({
        written: [],
        outcomes: ['TRQ_DEAD_LETTER_FAILED'],
        messages: [
          'Dead letters cannot be written to clicks-dead: there is no such topic. Create it: the connector makes none.',
        ],
      });
    }
  });

  it.each(['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED'])(
    'to which we may not write (%s) is tried again, and says what to do',
    async (type) => {
      expect(await kept([1], new Map([[1, protocolError(false, type)]]))).toMatchObject({
        outcomes: ['TRQ_DEAD_LETTER_FAILED'],
        messages: [expect.stringContaining('clicks-dead: we may not write there. Let our user do so')],
      });
    },
  );
});

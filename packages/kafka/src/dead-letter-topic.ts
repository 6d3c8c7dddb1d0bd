import type { Letter, Letters } from '@tranquility-js/connect';
import { messageOf, TranquilityError } from '@tranquility-js/core';
import kafkajs, { type IHeaders, type Kafka, type KafkaJSProtocolError, type Producer } from 'kafkajs';
import type { KafkaRecord } from './source/source.js';

interface Waiting {
  readonly letter: Letter<number>;
  readonly kept: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Writes records that did not arrive to a topic: key, value and headers as they were, and in further headers why, and where they came from:
 * `tranquility.reason`, `.message`, `.dropped`, `.dataSource`, `.topic`, `.partition`, `.offset`, `.timestamp`.
 */
export class DeadLetterTopic implements Letters<number> {
  readonly #producer: Producer;
  readonly #topicFor: (stream: string) => string | undefined;
  #connected: Promise<void> | undefined;
  #waiting: Waiting[] = [];
  #isWriting = false;

  /** @param topicFor the topic for the letters of another topic. */
  constructor(kafka: Kafka, topicFor: (stream: string) => string | undefined) {
    this.#producer = kafka.producer({ allowAutoTopicCreation: false });
    this.#topicFor = topicFor;
  }

  keep(letter: Letter<number>): Promise<void> {
    return new Promise((kept, failed) => {
      this.#waiting.push({ letter, kept, failed });
      if (!this.#isWriting) void this.#write();
    });
  }

  async close(): Promise<void> {
    await this.#producer.disconnect().catch(() => undefined);
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const letters = this.#waiting.splice(0, 500);
      const problem = await this.#tried(letters);
      if (problem === undefined) for (const { kept } of letters) kept();
      else if (letters.length === 1) letters[0]?.failed(problem);
      else await this.#oneByOne(letters);
    }
    this.#isWriting = false;
  }

  /** So that what is wrong with one is not the others' trouble, and none is written again for it. */
  async #oneByOne(letters: readonly Waiting[]): Promise<void> {
    const troubled = new Map<string | undefined, TranquilityError>();
    for (const waiting of letters) {
      const topic = this.#topicFor(waiting.letter.stream);
      const problem = troubled.get(topic) ?? (await this.#tried([waiting]));
      if (problem?.retryable === true) troubled.set(topic, problem);
      if (problem === undefined) waiting.kept();
      else waiting.failed(problem);
    }
  }

  /** @returns what is in the way, if anything is. */
  async #tried(letters: readonly Waiting[]): Promise<TranquilityError | undefined> {
    try {
      this.#connected ??= this.#producer.connect();
      await this.#connected;
      await this.#producer.sendBatch({ acks: -1, topicMessages: this.#topicMessages(letters) });
      return undefined;
    } catch (error) {
      this.#connected = undefined;
      const topics = this.#topicsOf(letters).join(', ');
      const answer = answerIn(error);
      const remedy = remedies[answer?.type ?? ''];
      if (remedy !== undefined || answer?.retriable !== false) {
        const message = `Dead letters cannot be written to ${topics}: ${remedy ?? messageOf(error)}`;
        return new TranquilityError('TRQ_DEAD_LETTER_FAILED', message, { cause: error });
      }
      const message = `${topics} never takes the dead letter of ${placesOf(letters)}: ${messageOf(error)}`;
      return new TranquilityError('TRQ_DEAD_LETTER_REFUSED', message, { cause: error });
    }
  }

  #topicsOf(letters: readonly Waiting[]): string[] {
    return [...new Set(letters.map(({ letter }) => this.#topicFor(letter.stream) ?? ''))];
  }

  #topicMessages(letters: readonly Waiting[]) {
    return this.#topicsOf(letters).map((topic) => ({
      topic,
      messages: letters.flatMap(({ letter }) => (this.#topicFor(letter.stream) === topic ? [messageFrom(letter)] : [])),
    }));
  }
}

const placesOf = (letters: readonly Waiting[]): string =>
  letters
    .map(({ letter: { stream, partition, record } }) => `${stream}, partition ${partition}, ${record.position}`)
    .join('; ');

/** What brokers have answered, if they have. */
function answerIn(error: unknown): KafkaJSProtocolError | undefined {
  if (!(error instanceof Error)) return undefined;
  return error instanceof kafkajs.KafkaJSProtocolError ? error : answerIn(error.cause);
}

const mayNot =
  'we may not write there. Let our user do so (kafka-acls --operation Write): it is tried again until then.';

/** What somebody may mend at any time, by the type of the answer. Any other that is not to be tried again is final. */
const remedies: Readonly<Record<string, string | undefined>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'there is no such topic. Create it: the connector makes none.',
  TOPIC_AUTHORIZATION_FAILED: mayNot,
  CLUSTER_AUTHORIZATION_FAILED: mayNot,
};

function messageFrom({ record, reason, message, dropped, dataSource, stream, partition }: Letter<number>) {
  const { key, value, headers, position, timestamp } = record;
  return {
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: {
      ...writable(headers),
      'tranquility.reason': reason,
      'tranquility.message': message,
      'tranquility.dropped': String(dropped),
      'tranquility.dataSource': dataSource,
      'tranquility.topic': stream,
      'tranquility.partition': partition,
      'tranquility.offset': String(position),
      'tranquility.timestamp': String(timestamp),
    },
  };
}

/** kafkajs cannot write a header that has no value: it gets an empty one. */
function writable(headers: KafkaRecord['headers']): IHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value = '']) => [name, value])) as IHeaders;
}

import type { Destination } from '../beam/beam.js';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import { dropped, failed, isOutcomeList, sent, type Outcome, type Outcomes } from '../event/outcome.js';
import type { RowBatch, RowSlice } from '../event/row-batch.js';
import type { Counters } from '../observe/counters.js';
import { orAborted } from '../time/or-aborted.js';
import type { KafkaProducer } from './kafka-producer.js';
import type { Ready } from './pull-source.js';

/** What a broker takes by default in a batch, less what a batch and its records take beside the rows, in bytes. */
const [mostBytes, recordBytes] = [1_000_000, 32];

const isSmall = (rows: RowSlice): boolean => rows.size + rows.count * recordBytes <= mostBytes;

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'type' in error && error.type === 'MESSAGE_TOO_LARGE';

interface KafkaDestinationParts {
  readonly producer: KafkaProducer;
  readonly counters: Counters;
  readonly ready: Ready;
}

/** One partition of a topic. What it has taken is with all replicas that Kafka asks for. */
export class KafkaDestination implements Destination {
  readonly name: string;
  readonly #partition: number;
  readonly #parts: KafkaDestinationParts;
  /** An idempotent producer has one request under way for a partition. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(name: string, partition: number, parts: KafkaDestinationParts) {
    this.name = name;
    this.#partition = partition;
    this.#parts = parts;
  }

  async deliver(rows: RowBatch, signal: AbortSignal): Promise<Outcomes> {
    const { counters, ready } = this.#parts;
    counters.batches++;
    try {
      await ready(signal);
      const sending = this.#turn.then(() => this.#sendAll(rows.slice(), signal));
      this.#turn = sending.catch(() => undefined);
      const outcomes = await orAborted(sending, signal);
      counters.bytes += rows.size;
      return outcomes;
    } catch (error) {
      return failed(this.#error(error, signal));
    }
  }

  /** In pieces that a broker takes by default; what it does not take all the same is halved. */
  async #sendAll(rows: RowSlice, signal: AbortSignal): Promise<Outcomes> {
    const outcomes: Outcome[] = [];
    for (const slice of rows.upTo(isSmall)) {
      const outcome = await this.#send(slice, signal);
      for (let row = 0; row < slice.count; row++) outcomes.push(outcomeOf(outcome, row));
    }
    return outcomes.every((outcome) => outcome === sent) ? sent : outcomes;
  }

  /**
   * The key is the partition's number, so that a topic that gets more partitions keeps together what was together. The time of a record is
   * left to be that of its sending: by the event's own, Kafka might forget it before Druid has read it.
   */
  async #send(rows: RowSlice, signal: AbortSignal): Promise<Outcomes> {
    const key = String(this.#partition);
    const messages = rows.rows.map((value) => ({ key, value, partition: this.#partition }));
    try {
      signal.throwIfAborted();
      await this.#parts.producer.send(messages);
      return sent;
    } catch (error) {
      if (signal.aborted || !isTooLarge(error)) return failed(this.#error(error, signal));
      if (rows.count === 1)
        return dropped('refused', `Kafka does not take its ${rows.size} bytes: ${messageOf(error)}`);
      const halves = rows.chunks(Math.ceil(rows.count / 2));
      const outcomes: Outcome[] = [];
      for (const half of halves) {
        const found = await this.#send(half, signal);
        for (let row = 0; row < half.count; row++) outcomes.push(outcomeOf(found, row));
      }
      return outcomes;
    }
  }

  #error(error: unknown, signal: AbortSignal): TranquilityError {
    const cause: unknown = signal.aborted ? signal.reason : error;
    return cause instanceof TranquilityError ? cause : kafkaFailed(`send to ${this.name}`, cause);
  }
}

const outcomeOf = (outcomes: Outcomes, row: number): Outcome =>
  isOutcomeList(outcomes) ? (outcomes[row] ?? sent) : outcomes;

export function kafkaFailed(what: string, cause: unknown): TranquilityError {
  const remedy = 'Check pull.kafka.bootstrap.servers, the rights of the user, and that Kafka runs.';
  return new TranquilityError('TRQ_KAFKA_FAILED', `Cannot ${what}: ${messageOf(cause)}. ${remedy}`, { cause });
}

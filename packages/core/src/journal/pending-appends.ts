import type { BatchHeader } from './batch-header.js';
import { requireNext, tailAfter, type Appended, type Producers, type ProducerTail } from './producers.js';

/** Knows what producers have handed in: what is durable already, and what is still under way. */
export class PendingAppends {
  readonly #durable: Producers;
  readonly #underWay = new Map<string, Promise<Appended>>();
  /** Where producers are when all that is under way is durable. */
  readonly #tails = new Map<number, ProducerTail>();

  constructor(durable: Producers) {
    this.#durable = durable;
  }

  /**
   * What an earlier append of the same batch came to, or is going to; `undefined` for a new batch.
   * @throws TRQ_JOURNAL_SEQUENCE
   */
  find(header: BatchHeader): Promise<Appended> | undefined {
    if (header.producerId < 0) return undefined;
    const underWay = this.#underWay.get(keyOf(header));
    if (underWay !== undefined) return underWay;
    const repeated = this.#durable.repeatOf(header);
    if (repeated !== undefined) return Promise.resolve(repeated);
    const tail = this.#tails.get(header.producerId) ?? this.#durable.tailOf(header.producerId);
    if (tail !== undefined) requireNext(header, tail);
    return undefined;
  }

  /** Remembers an append that has begun. */
  add(header: BatchHeader, done: Promise<Appended>): Promise<Appended> {
    if (header.producerId < 0) return done;
    this.#tails.set(header.producerId, tailAfter(header));
    this.#underWay.set(keyOf(header), done);
    return done;
  }

  /** Says that a batch is durable, with its offset. */
  settle(header: BatchHeader): void {
    if (header.producerId < 0) return;
    this.#durable.add(header);
    this.#underWay.delete(keyOf(header));
    if (this.#underWay.size === 0) this.#tails.clear();
  }

  /** Says that nothing of what is under way becomes durable. */
  clear(): void {
    this.#underWay.clear();
    this.#tails.clear();
  }
}

const keyOf = ({ producerId, producerEpoch, baseSequence, count }: BatchHeader): string =>
  `${producerId}:${producerEpoch}:${baseSequence}:${count}`;

import type { BatchHeader } from './batch-header.js';
import { badSequence } from './journal-error.js';

/** What an append came to. */
export interface Appended {
  /** The offset of its first row. */
  readonly baseOffset: number;
  /** The offset behind its last row. */
  readonly nextOffset: number;
}

/** A batch that a producer wrote: its first sequence, how many rows, and where they are. */
type Written = readonly [sequence: number, count: number, baseOffset: number];

/** What is remembered of a producer, as JSON takes it. */
export interface ProducerEntry {
  readonly id: number;
  readonly epoch: number;
  /** The last batches, oldest first; at least one. */
  readonly written: readonly Written[];
}

/** Where a producer goes on. */
export interface ProducerTail {
  readonly epoch: number;
  /** The sequence that comes next. */
  readonly next: number;
}

/** As many as a Kafka broker remembers: what a client may have under way. */
const remembered = 5;
/** The most producers; those that wrote longest ago are forgotten first. */
const mostProducers = 10_000;
const sequences = 2_147_483_648;

/** Where a producer goes on behind a batch. */
export function tailAfter({ producerEpoch: epoch, baseSequence, count }: BatchHeader): ProducerTail {
  return { epoch, next: (baseSequence + count) % sequences };
}

/**
 * Makes sure that a batch goes on where its producer was. A later epoch, like a producer that is not known, begins anywhere.
 * @throws TRQ_JOURNAL_SEQUENCE
 */
export function requireNext(header: BatchHeader, { epoch, next }: ProducerTail): void {
  const { producerId: id, producerEpoch, baseSequence, count } = header;
  if (producerEpoch < epoch) {
    throw badSequence(
      `The producer ${id} is at epoch ${epoch}: a batch of epoch ${producerEpoch} comes from one that was replaced.`,
    );
  }
  if (producerEpoch === epoch && baseSequence !== next) {
    throw badSequence(
      `The producer ${id} gave ${count} rows the sequence ${baseSequence}, where ${next} comes next. Of earlier batches the last ${remembered} may be repeated, as they were.`,
    );
  }
}

/** Who wrote what last, so that a batch that is written again is known. */
export class Producers {
  readonly #entries: Map<number, ProducerEntry>;

  constructor(entries: readonly ProducerEntry[] = []) {
    this.#entries = new Map(entries.map((entry) => [entry.id, entry]));
  }

  get entries(): readonly ProducerEntry[] {
    return [...this.#entries.values()];
  }

  /** Where a batch was written before, if that is remembered. */
  repeatOf({ producerId, producerEpoch, baseSequence, count }: BatchHeader): Appended | undefined {
    const known = this.#entries.get(producerId);
    if (known?.epoch !== producerEpoch) return undefined;
    const same = known.written.find((written) => written[0] === baseSequence && written[1] === count);
    return same === undefined ? undefined : { baseOffset: same[2], nextOffset: same[2] + count };
  }

  /** Where a producer goes on; `undefined` when it is not known. */
  tailOf(producerId: number): ProducerTail | undefined {
    const known = this.#entries.get(producerId);
    const last = known?.written.at(-1);
    return known && last && { epoch: known.epoch, next: (last[0] + last[1]) % sequences };
  }

  /** Remembers a batch in the log. One of no producer changes nothing, nor does one that lies before what is remembered. */
  add({ producerId: id, producerEpoch: epoch, baseSequence, count, baseOffset }: BatchHeader): void {
    if (id < 0) return;
    const known = this.#entries.get(id);
    if (known !== undefined && (known.written.at(-1)?.[2] ?? -1) >= baseOffset) return;
    const before = known?.epoch === epoch ? known.written : [];
    const written = [...before, [baseSequence, count, baseOffset] as const].slice(-remembered);
    this.#entries.delete(id);
    this.#entries.set(id, { id, epoch, written });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > mostProducers && oldest !== undefined) this.#entries.delete(oldest);
  }
}

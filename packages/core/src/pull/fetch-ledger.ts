import type { Logger } from '../observe/logger.js';

/** A stretch of offsets that a reader asked for and that is not there. */
export interface Gap {
  readonly from: number;
  /** The first offset that is there again. */
  readonly to: number;
}

/** What readers have done with one partition. */
export interface PartitionReading {
  /** When it was last asked for, epoch milliseconds. */
  readonly askedAt: number;
  /** The offset that was asked for last: what is below it has been read. */
  readonly offset: number;
  /** Bytes of records that were given. */
  readonly bytes: number;
  /** The gaps that readers were served over, each once. Events in them that Druid had not published are lost. */
  readonly gaps: readonly Gap[];
  /** How often an offset beyond the end was asked for: the log has lost its tail, or is another one. */
  readonly beyondEnd: number;
}

const mostGaps = 100;

/** Keeps account of what is read, because Druid does not tell when it cannot read. Of partitions that are served, and no others. */
export class FetchLedger {
  readonly #readings = new Map<string, PartitionReading>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** `undefined` when nobody has asked for it. */
  reading(topic: string, index: number): PartitionReading | undefined {
    return this.#readings.get(keyOf(topic, index));
  }

  asked(topic: string, index: number, offset: number): void {
    const { bytes = 0, gaps = [], beyondEnd = 0 } = this.reading(topic, index) ?? {};
    this.#readings.set(keyOf(topic, index), { askedAt: Date.now(), offset, bytes, gaps, beyondEnd });
  }

  served(topic: string, index: number, bytes: number): void {
    this.#change(topic, index, (reading) => ({ bytes: reading.bytes + bytes }));
  }

  skipped(topic: string, index: number, gap: Gap): void {
    const known = this.reading(topic, index)?.gaps ?? [];
    if (known.some(({ from, to }) => from === gap.from && to === gap.to)) return;
    this.#change(topic, index, () => ({ gaps: [...known.slice(1 - mostGaps), gap] }));
    this.#logger.warn(
      `A reader of ${topic}, partition ${index}, stood at offset ${gap.from}, and the log goes on at ${gap.to} only. It was served from there. Events between them that Druid had not published are lost: look why the log was lost or cut.`,
      { topic, partition: index, ...gap },
    );
  }

  outOfRange(topic: string, index: number, offset: number, endOffset: number): void {
    const isFirst = this.reading(topic, index)?.beyondEnd === 0;
    this.#change(topic, index, ({ beyondEnd }) => ({ beyondEnd: beyondEnd + 1 }));
    if (!isFirst) return;
    this.#logger.error(
      `A reader of ${topic}, partition ${index}, asks for offset ${offset}, but the log ends at ${endOffset}: it has lost its end, or another node’s log lies here. Druid waits until the log is beyond that offset.`,
      { topic, partition: index, offset, endOffset },
    );
  }

  #change(topic: string, index: number, change: (reading: PartitionReading) => Partial<PartitionReading>): void {
    const reading = this.reading(topic, index);
    if (reading !== undefined) this.#readings.set(keyOf(topic, index), { ...reading, ...change(reading) });
  }
}

const keyOf = (topic: string, index: number): string => `${index}:${topic}`;

import { sizeOf, valueSize, type StreamRecord } from './record.js';

/**
 * Records of a partition in their order. An array of them is one. What makes each record when it is asked for, and keeps none, spares the
 * garbage collector those that wait.
 */
export interface Records<P> {
  readonly length: number;
  readonly sums?: Sums;
  /** The same record twice need not be the same object; its position is. */
  at(index: number): StreamRecord<P> | undefined;
}

export interface Sums {
  /** About how many bytes the records take in memory, by `sizeOf`. */
  readonly size: number;
  /** The bytes of their values. */
  readonly values: number;
}

export function sumsOf<P>(records: Records<P>): Sums {
  if (records.sums !== undefined) return records.sums;
  let [size, values] = [0, 0];
  for (let at = 0; at < records.length; at++) {
    const record = records.at(at);
    if (record === undefined) continue;
    size += sizeOf(record);
    values += valueSize(record);
  }
  return { size, values };
}

/** Some of the records that stand side by side. */
export class RecordRange<P> implements Records<P> {
  readonly length: number;
  readonly #records: Records<P>;
  readonly #from: number;

  constructor(records: Records<P>, from: number, to = records.length) {
    // Not a range of ranges: each would be one more step to each record.
    if (records instanceof RecordRange) {
      const outer = records as RecordRange<P>;
      this.#records = outer.#records;
      this.#from = outer.#from + from;
    } else {
      this.#records = records;
      this.#from = from;
    }
    this.length = to - from;
  }

  at(index: number): StreamRecord<P> | undefined {
    return index < this.length ? this.#records.at(this.#from + index) : undefined;
  }
}

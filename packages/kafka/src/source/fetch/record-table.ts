import { recordOverhead, type Records, type Sums } from '@tranquility-js/connect';
import { VarintReader } from '@tranquility-js/core/internal';
import { BatchRecord, type BatchFacts } from './batch-record.js';

/** Numbers of a record: of its batch, where it begins, where its value begins and ends, and its offset behind the batch's first. */
const width = 5;

/** The records of an answer for one partition, as numbers: as long as they wait there is no object of any. */
export class RecordTable implements Records<number> {
  readonly #batches: BatchFacts[] = [];
  #numbers = new Int32Array(width * 64);
  #size = 0;
  #values = 0;
  length = 0;
  /** Where to go on behind the last record. */
  next = 0;

  get sums(): Sums {
    return { size: this.#size, values: this.#values };
  }

  at(index: number): BatchRecord | undefined {
    if (index >= this.length) return undefined;
    const numbers = this.#numbers;
    const row = width * index;
    const batch = this.#batches[numbers[row] ?? 0];
    if (batch === undefined) return undefined;
    const [at, start, end] = [numbers[row + 1] ?? 0, numbers[row + 2] ?? 0, numbers[row + 3] ?? 0];
    const position = batch.baseOffset + (numbers[row + 4] ?? 0);
    return new BatchRecord(batch, at, start, end, position, index + 1 < this.length ? position + 1 : this.next);
  }

  /**
   * Adds the records of a batch: all of them, or none.
   * @param span how many offsets it has, though records may be deleted.
   * @throws RangeError when they are not as records are.
   */
  add(batch: BatchFacts, count: number, span: number): void {
    const { length } = this;
    const [size, values] = [this.#size, this.#values];
    this.#batches.push(batch);
    const varints = new VarintReader(batch.bytes, batch.start);
    try {
      let from = 0;
      for (let left = count; left > 0; left--) from = this.#addNext(batch, varints, from, span);
    } catch (error) {
      this.#batches.pop();
      this.length = length;
      [this.#size, this.#values] = [size, values];
      throw error;
    }
  }

  /** @returns the delta that the next one has at least. */
  #addNext(batch: BatchFacts, varints: VarintReader, from: number, span: number): number {
    const length = varints.next();
    const at = varints.at;
    const recordEnd = at + length;
    // Behind a byte of attributes stands the time.
    varints.at += 1;
    varints.next();
    const delta = varints.next();
    const key = varints.next();
    varints.at += Math.max(0, key);
    const value = varints.next();
    const start = varints.at;
    const end = start + Math.max(0, value);
    if (end >= recordEnd || recordEnd > batch.end || delta < from || delta >= span) {
      throw new RangeError(`The batch of records at offset ${batch.baseOffset} is broken.`);
    }
    varints.at = recordEnd;
    this.#note(at, start, value < 0 ? -1 : end, delta);
    this.#values += end - start;
    this.#size += end - at + recordOverhead;
    return delta + 1;
  }

  #note(at: number, start: number, end: number, delta: number): void {
    const row = width * this.length++;
    if (row === this.#numbers.length) {
      const larger = new Int32Array(2 * row);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    const numbers = this.#numbers;
    numbers[row] = this.#batches.length - 1;
    numbers[row + 1] = at;
    numbers[row + 2] = start;
    numbers[row + 3] = end;
    numbers[row + 4] = delta;
  }
}

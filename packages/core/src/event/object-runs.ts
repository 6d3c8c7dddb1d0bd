import { Buffer, isUtf8 } from 'node:buffer';
import type { KeyName } from './key-name.js';
import { Members } from './members.js';
import { objectRunsModule } from './object-runs-module.js';
import { instantiate, type ExportedNumber } from './web-assembly.js';

/** What may stand between the events of a run: a line end and no comma, or as a list has it. */
export type RunForm = 'lines' | 'values' | 'array';

/** What assembly/object-runs.ts exports. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly mostInput: ExportedNumber;
  readonly mostEvents: ExportedNumber;
  readonly mostColumn: ExportedNumber;
  readonly margin: ExportedNumber;
  readonly column: ExportedNumber;
  readonly input: ExportedNumber;
  readonly rows: ExportedNumber;
  readonly starts: ExportedNumber;
  readonly ends: ExportedNumber;
  readonly rowEnds: ExportedNumber;
  readonly firstMembers: ExportedNumber;
  readonly times: ExportedNumber;
  readonly members: ExportedNumber;
  readonly top: ExportedNumber;
  readonly runEnd: ExportedNumber;
  run(from: number, limit: number, isCut: boolean, byLine: boolean, inArray: boolean, mostBytes: number): number;
  readTimes(count: number, length: number): void;
}

/** What separates two rows where they are copied to. */
const gap = 2;

/**
 * Finds events that stand one behind another, by a scanner in WebAssembly, and checks each as strictly as {@link ObjectScanner} does. What it
 * found is valid until it is asked again.
 */
export class ObjectRuns {
  /** How many events the run has. */
  count = 0;
  /** Which of them is to be taken next. */
  at = 0;
  /** The place of the first one among all of its input. */
  place = 0;
  /** The bytes that the events are in. */
  readonly bytes: Buffer;
  /** The times of the events; of those that have no whole number, NaN. See {@link readTimes}. */
  readonly times: Float64Array;
  readonly members = new Members();
  readonly #exports: Exports;
  readonly #input: number;
  readonly #margin: number;
  readonly #capacity: number;
  readonly #rows: number;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #rowEnds: Int32Array;
  readonly #firstMembers: Int32Array;
  readonly #table: Int32Array<ArrayBuffer>;
  /** What was copied last, from one offset up to another. */
  #loaded: WeakRef<Buffer> | undefined;
  #from = 0;
  #to = 0;
  #column: KeyName | undefined;
  #hasTimes = false;

  constructor() {
    const host = {
      isUtf8: (start: number, end: number) => isUtf8(this.bytes.subarray(start, end)),
    };
    const made = (this.#exports = instantiate(objectRunsModule, { 'object-runs': host }) as Exports);
    const { buffer } = made.memory;
    this.bytes = Buffer.from(buffer);
    const most = made.mostEvents.value;
    const numbers = (at: ExportedNumber): Int32Array<ArrayBuffer> => new Int32Array(buffer, at.value, most + 1);
    this.times = new Float64Array(buffer, made.times.value, most);
    this.#starts = numbers(made.starts);
    this.#ends = numbers(made.ends);
    this.#rowEnds = numbers(made.rowEnds);
    this.#firstMembers = numbers(made.firstMembers);
    this.#table = new Int32Array(buffer, made.members.value, (made.top.value - made.members.value) / 4);
    this.#input = made.input.value;
    this.#margin = made.margin.value;
    this.#capacity = made.mostInput.value;
    this.#rows = made.rows.value;
  }

  /**
   * Finds as many events as there are from here on.
   * @param bytes not changed as long as events are looked for in them.
   * @param limit where they have to end.
   * @returns the offset behind them, and in the form `lines` behind the last one's line end; where they begin if there are none.
   */
  find(bytes: Buffer, at: number, limit: number, form: RunForm, mostBytes: number): number {
    if (this.#loaded?.deref() !== bytes || at < this.#from || at >= this.#to) this.#load(bytes, at, limit);
    this.#run(at, limit, form, mostBytes);
    const isCut = this.#to < limit && this.#to - at < this.#capacity / 2;
    if (this.count === 0 && isCut && at > this.#from) {
      this.#load(bytes, at, limit);
      this.#run(at, limit, form, mostBytes);
    }
    return this.#exports.runEnd.value - this.#input + this.#from;
  }

  /** Reads the whole numbers that a column has into `times`. @returns false for a column that cannot be read here. */
  readTimes(column: KeyName): boolean {
    if (column.bytes.length > this.#exports.mostColumn.value) return false;
    if (this.#column !== column) {
      this.bytes.set(column.bytes, this.#exports.column.value);
      this.#column = column;
      this.#hasTimes = false;
    }
    if (!this.#hasTimes) this.#exports.readTimes(this.count, column.bytes.length);
    this.#hasTimes = true;
    return true;
  }

  startOf(event: number): number {
    return this.#starts[event] ?? 0;
  }

  endOf(event: number): number {
    return this.#ends[event] ?? 0;
  }

  membersOf(event: number): Members {
    this.members.lookAt(this.bytes, this.#table, this.#firstMembers[event] ?? 0, this.#firstMembers[event + 1] ?? 0);
    return this.members;
  }

  /** How many bytes some events from `at` on have as rows, with what is between them and behind the last. */
  sizeOf(count: number): number {
    return this.rowEnd(this.at + count - 1) + gap - this.#rowStart(this.at);
  }

  /** Some events from `at` on as rows, with what is between them and behind the last. */
  rows(count: number): Buffer {
    return this.bytes.subarray(this.#rowStart(this.at), this.rowEnd(this.at + count - 1) + gap);
  }

  /** Where the row of an event ends among `bytes`. */
  rowEnd(event: number): number {
    return this.#rowEnds[event] ?? 0;
  }

  #rowStart(event: number): number {
    return event === 0 ? this.#rows : this.rowEnd(event - 1) + gap;
  }

  #load(bytes: Buffer, at: number, limit: number): void {
    this.#loaded = new WeakRef(bytes);
    this.#from = at;
    this.#to = Math.min(limit, at + this.#capacity);
    this.bytes.set(bytes.subarray(at, this.#to), this.#input);
    const end = this.#input + this.#to - at;
    this.bytes.fill(0, end, end + this.#margin);
  }

  #run(at: number, limit: number, form: RunForm, mostBytes: number): void {
    const [start, end] = [this.#input + at - this.#from, this.#input + this.#to - this.#from];
    const [byLine, inArray, isCut] = [form === 'lines', form === 'array', this.#to < limit];
    this.count = this.#exports.run(start, end, isCut, byLine, inArray, Math.min(mostBytes, this.#capacity));
    this.at = 0;
    this.#hasTimes = false;
  }
}

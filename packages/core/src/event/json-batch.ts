import { Buffer, isUtf8 } from 'node:buffer';
import { describeJsonFault } from '../spec/json-fault.js';
import { FoundEvent } from './found-event.js';
import type { Members } from './members.js';
import { ObjectRuns, type RunForm } from './object-runs.js';
import { ObjectScanner } from './object-scanner.js';

/** A stretch of input that gave no event. */
export interface RefusedInput {
  /** What is wrong with it, in words for the user. */
  readonly reason: string;
  /** The line where it began, from 1. */
  readonly line: number;
  /** How many events and refusals came before it; absent where the reader does not count them. */
  readonly index?: number;
  /** Where it began: how many bytes came before it; absent where the reader does not count them. */
  readonly byte?: number;
  /** All of it, up to the bytes that an event may have; bytes that are not UTF-8 show as U+FFFD. */
  readonly input: string;
}

/** What came out of one stretch of input. Events and refusals are each in the order of the input. */
export interface ReadBatch<E = Record<string, unknown>> {
  readonly events: E[];
  /** For each of `events` the line where it began, from 1. */
  readonly lines: number[];
  readonly refused: RefusedInput[];
}

/** Gets events as they are found. What it throws ends the reading. */
export interface EventSink {
  readonly take: (event: FoundEvent) => void;
  /** Takes as many of a run as it can at once, if any, and moves on its `at`. `take` gets the next one then. */
  readonly takeRun?: (run: ObjectRuns) => void;
}

/** For the next reader: they take room, and no two readers are at work at a time, unless a sink reads something itself. */
let idleRuns: ObjectRuns | undefined;

/** Collects events and refusals until a batch of them is taken. */
export class BatchBuilder {
  #batch: ReadBatch<Record<string, unknown> | Buffer> = { events: [], lines: [], refused: [] };
  readonly #maxEventBytes: number;
  readonly #scanner: ObjectScanner | undefined;
  readonly #sink: EventSink | undefined;
  readonly #found = new FoundEvent();
  #count = 0;
  /** Where the input begins that is added next, in bytes. */
  at = 0;

  /**
   * @param raw whether events are given as the bytes that they came as, checked but not parsed.
   * @param sink gets the events, where they are not collected. They are raw then.
   */
  constructor(maxEventBytes: number, raw = false, sink?: EventSink) {
    this.#maxEventBytes = maxEventBytes;
    this.#sink = sink;
    this.#scanner = raw || sink !== undefined ? new ObjectScanner() : undefined;
  }

  /** Whether a sink gets the events. */
  get hasSink(): boolean {
    return this.#sink !== undefined;
  }

  /** Whether events are given as bytes. */
  get isRaw(): boolean {
    return this.#scanner !== undefined;
  }

  /** What was collected since the last call, or undefined when there was nothing. */
  take(): ReadBatch<Record<string, unknown> | Buffer> | undefined {
    const batch = this.#batch;
    if (batch.events.length === 0 && batch.refused.length === 0) return undefined;
    this.#batch = { events: [], lines: [], refused: [] };
    return batch;
  }

  /** Adds the event that a text is, or a refusal. */
  addText(text: string, line: number): void {
    if (!this.tryText(text, line)) this.refuse(describeJsonFault(text), line, text);
  }

  /** Adds the event that a text is, or a refusal when it is too long or no object; false when it is not JSON at all. */
  tryText(text: string, line: number): boolean {
    // A UTF-16 unit takes at most three bytes of UTF-8.
    if (text.length * 3 > this.#maxEventBytes && Buffer.byteLength(text) > this.#maxEventBytes) {
      this.refuseSize(Buffer.byteLength(text), line, text);
      return true;
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return false;
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      if (this.#scanner === undefined) this.#add(value as Record<string, unknown>, line);
      else if (!this.tryBytes(Buffer.from(text), line)) this.refuse('The event is nested too deep.', line, text);
    } else {
      this.refuse(`Expected a JSON object, found ${kindOf(value)}.`, line, text);
    }
    return true;
  }

  /** Adds the event that these bytes are, if events are given as bytes; false when they are none. */
  tryBytes(bytes: Buffer, line: number): boolean {
    if (this.#scanner === undefined || bytes.length > this.#maxEventBytes || !this.#scanner.scan(bytes)) return false;
    if (this.#sink === undefined) this.#add(Buffer.from(bytes), line);
    else this.#give(this.#sink, bytes, 0, bytes.length, this.#scanner.members);
    return true;
  }

  /**
   * Gives events that stand one behind another to the sink, if there is one: so they are scanned once, and not copied.
   * @param limit where the input ends so far.
   * @returns how many, and the offset behind them.
   */
  giveRun(bytes: Buffer, at: number, limit: number, form: RunForm): { readonly count: number; readonly end: number } {
    if (this.#sink === undefined) return { count: 0, end: at };
    const run = idleRuns ?? new ObjectRuns();
    idleRuns = undefined;
    try {
      const end = run.find(bytes, at, limit, form, this.#maxEventBytes);
      this.#giveAll(run, this.#sink);
      return { count: run.count, end };
    } finally {
      idleRuns = run;
    }
  }

  #giveAll(run: ObjectRuns, sink: EventSink): void {
    run.place = this.#count;
    while (run.at < run.count) {
      sink.takeRun?.(run);
      this.#count = run.place + run.at;
      if (run.at === run.count) return;
      const event = run.at++;
      this.#give(sink, run.bytes, run.startOf(event), run.endOf(event), run.membersOf(event));
    }
  }

  #give(sink: EventSink, bytes: Buffer, start: number, end: number, members: Members): void {
    const found = this.#found;
    found.bytes = bytes;
    found.start = start;
    found.end = end;
    found.members = members;
    found.place = this.#count++;
    sink.take(found);
  }

  /** Adds the event that these bytes are, or a refusal. */
  addBytes(bytes: Buffer, line: number): void {
    if (this.tryBytes(bytes, line)) return;
    if (bytes.length > this.#maxEventBytes) this.refuseSize(bytes.length, line, bytes);
    else if (isUtf8(bytes)) this.addText(bytes.toString('utf8'), line);
    else this.refuseEncoding(line, bytes);
  }

  #add(event: Record<string, unknown> | Buffer, line: number): void {
    this.#count++;
    this.#batch.events.push(event);
    this.#batch.lines.push(line);
  }

  refuseEncoding(line: number, input: Buffer): void {
    this.refuse('The event is not valid UTF-8. Expected JSON encoded as UTF-8.', line, input);
  }

  /** @param size in bytes */
  refuseSize(size: number, line: number, input: string | Buffer): void {
    this.refuse(`The event has ${size} bytes; maxEventBytes allows ${this.#maxEventBytes}.`, line, input);
  }

  refuse(reason: string, line: number, input: string | Buffer): void {
    const text = typeof input === 'string' ? input : input.toString('utf8', 0, this.#maxEventBytes);
    this.#batch.refused.push({
      reason,
      line,
      index: this.#count++,
      byte: this.at,
      input: text.slice(0, this.#maxEventBytes).trimEnd(),
    });
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return `a ${typeof value}`;
}

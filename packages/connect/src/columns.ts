import { isUtf8 } from 'node:buffer';
import type { Event } from './event.js';
import type { Partition, StreamRecord } from './record.js';

/** Which columns a record gives its events: the names, by what they hold. */
export interface Columns {
  /**
   * A text that no other event of any partition has, as long as no log is made anew under its name, and that this one has again when its
   * record is read again.
   */
  readonly id?: string;
  readonly key?: string;
  /** The topic's or stream's name. */
  readonly stream?: string;
  readonly partition?: string;
  readonly offset?: string;
  readonly timestamp?: string;
  /** By the header's name. */
  readonly headers?: Readonly<Record<string, string>>;
}

const names = ['id', 'key', 'stream', 'partition', 'offset', 'timestamp'] as const;

/** Columns from the value of the property. @returns nothing if they are not of this form. */
export function readColumns(value: Readonly<Record<string, unknown>>): Columns | undefined {
  const { headers, ...others } = value;
  const isKnown = Object.entries(others).every(
    ([name, column]) => (names as readonly string[]).includes(name) && isName(column),
  );
  const areHeaders =
    headers === undefined ||
    (typeof headers === 'object' &&
      headers !== null &&
      !Array.isArray(headers) &&
      Object.values(headers).every(isName));
  return isKnown && areHeaders ? value : undefined;
}

const isName = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Adds what a record tells of itself to the events in it. A field of the same name in the event gives way. */
export class ColumnAdder<P> {
  readonly #columns: Columns;
  readonly #partition: Partition;

  constructor(columns: Columns, partition: Partition) {
    this.#columns = columns;
    this.#partition = partition;
  }

  /** Gives a record's events these columns. */
  addAll(events: readonly Event[], record: StreamRecord<P>): Event[] {
    const values = this.#of(record);
    const { id } = this.#columns;
    if (id === undefined) return events.map((event) => add(event, values));
    const own = `${this.#partition.stream}/${this.#partition.partition}/${String(plain(record.position))}`;
    return events.map((event, at) => add(event, { ...values, [id]: at === 0 ? own : `${own}/${at}` }));
  }

  #of(record: StreamRecord<P>): Readonly<Record<string, unknown>> {
    const { key, stream, partition, offset, timestamp, headers = {} } = this.#columns;
    const values: Record<string, unknown> = {};
    if (key !== undefined) values[key] = record.key === null ? null : textOf(record.key);
    if (stream !== undefined) values[stream] = this.#partition.stream;
    if (partition !== undefined) values[partition] = plain(this.#partition.partition);
    if (offset !== undefined) values[offset] = plain(record.position);
    if (timestamp !== undefined) values[timestamp] = record.timestamp;
    for (const [header, column] of Object.entries(headers)) values[column] = headerText(record.headers[header]);
    return values;
  }
}

/** An event with these columns. Bytes stay bytes: the columns are written behind what is there, where the last one of a name counts. */
function add(event: Event, values: Readonly<Record<string, unknown>>): Event {
  if (!(event instanceof Uint8Array)) return { ...event, ...values };
  const more = JSON.stringify(values);
  if (more === '{}') return event;
  const end = event.lastIndexOf(closingBrace);
  const isEmpty = /^\s*\{\s*$/.test(Buffer.from(event.buffer, event.byteOffset, Math.min(end, 64)).toString('latin1'));
  const head = Buffer.from(event.buffer, event.byteOffset, end);
  return Buffer.concat([head, Buffer.from(isEmpty && end <= 64 ? more.slice(1) : `,${more.slice(1)}`)]);
}

const closingBrace = '}'.charCodeAt(0);

/** Whole numbers as numbers, what is too large for one as a text. */
function plain(value: unknown): unknown {
  if (typeof value === 'number') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** Bytes as a text: what is not UTF-8, in base64. */
function textOf(bytes: Uint8Array | string): string {
  if (typeof bytes === 'string') return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(isUtf8(bytes) ? 'utf8' : 'base64');
}

function headerText(value: StreamRecord<unknown>['headers'][string]): unknown {
  if (value === undefined) return null;
  if (typeof value === 'string' || value instanceof Uint8Array) return textOf(value);
  return value.map(textOf);
}

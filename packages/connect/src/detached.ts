import type { StreamRecord } from './record.js';

/** A record that holds no memory but its own. */
class DetachedRecord<P> implements StreamRecord<P> {
  readonly position: P;
  readonly next: P;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: StreamRecord<P>['headers'];
  readonly refused: string | undefined;
  readonly timestamp: number;
  /** That of its headers too, as they stay as long. */
  readonly size: number;

  constructor(record: StreamRecord<P>) {
    const { position, next, key, value, headers, refused, timestamp } = record;
    const parts = [key, value, ...Object.values(headers).flat()].filter((part) => part instanceof Uint8Array);
    this.size = parts.reduce((sum, { length }) => sum + length, 0);
    const memory = Buffer.allocUnsafeSlow(this.size);
    let at = 0;
    const copied = <T>(part: T): T | Buffer => {
      if (!(part instanceof Uint8Array)) return part;
      const start = at;
      at += part.length;
      memory.set(part, start);
      return memory.subarray(start, at);
    };
    this.position = position;
    this.next = next;
    this.key = copied(key);
    this.value = copied(value);
    this.headers = Object.fromEntries(
      Object.entries(headers).map(([name, header]) => [name, isList(header) ? header.map(copied) : copied(header)]),
    );
    this.refused = refused;
    this.timestamp = timestamp;
  }
}

const isList = (header: StreamRecord<unknown>['headers'][string]): header is readonly (Uint8Array | string)[] =>
  Array.isArray(header);

/** One copy for all events of a record, of which there may be many. */
const copies = new WeakMap<object, unknown>();

/** A copy of a record that is to stay for long: what it was read from may be many times as large, and would stay with it. */
export function detached<P>(record: StreamRecord<P>): StreamRecord<P> {
  if (record instanceof DetachedRecord) return record;
  const copy = (copies.get(record) as DetachedRecord<P> | undefined) ?? new DetachedRecord(record);
  copies.set(record, copy);
  return copy;
}

/** A copy of an event that was read from a record and is to stay for long, if it is bytes. */
export function detachedEvent<E>(event: E): E | Buffer {
  if (!(event instanceof Uint8Array)) return event;
  const copy = Buffer.allocUnsafeSlow(event.length);
  copy.set(event);
  return copy;
}

import type { Decoder, Receipt, Sender } from '@tranquility-js/core';
import { FoundEvent, JsonDecoder } from '@tranquility-js/core/internal';
import { ColumnAdder } from './columns.js';
import type { Event } from './event.js';
import type { Fault } from './letter.js';
import type { Partition, StreamRecord } from './record.js';
import { remedyFor, type Remedy } from './remedies.js';
import type { StreamProperties } from './properties.js';

/** What is in a record. */
export interface ReadRecord {
  readonly events: readonly Event[];
  /** What gave no event. */
  readonly refused: readonly Fault[];
  /** Events that the filter left out, and records that hold nothing. */
  readonly filtered: number;
}

export interface DestinationParts {
  readonly sender: Sender;
  readonly decoder: Decoder;
  readonly properties: StreamProperties;
  readonly hasLetters: boolean;
  /** Told about what is tried again. */
  readonly onTrouble: (dataSource: string, error: unknown) => void;
}

/** One dataSource as a partition sees it: reads records as it wants them, and sends their events. */
export class Destination<P> {
  readonly dataSource: string;
  readonly #parts: DestinationParts;
  readonly #columns: ColumnAdder<P> | undefined;
  /** Whether the bytes of a record may be an event as they are. */
  readonly #passesBytes: boolean;
  /** Whether those of the record before were: mostly the next are like them. */
  #expectsEvents = true;
  /** Whether all that it has sent was flushed. */
  #isFlushed = false;
  /** The event that is being sent, where its record lies. */
  readonly #found = new FoundEvent();

  constructor(parts: DestinationParts, partition: Partition) {
    this.dataSource = parts.sender.dataSource;
    this.#parts = parts;
    const { columns, filter } = parts.properties;
    this.#passesBytes = parts.decoder instanceof JsonDecoder && columns === undefined && filter === undefined;
    this.#columns = columns === undefined ? undefined : new ColumnAdder<P>(columns, partition);
  }

  /**
   * Sends a record that is one event as it is, without looking at it twice.
   * @param place of the record among those of the receipt.
   * @returns whether the sender has room for more; nothing when the record has to be read.
   */
  offer(record: StreamRecord<P>, receipt: Receipt, place: number): boolean | undefined {
    if (!this.#passesBytes || !this.#expectsEvents) return undefined;
    this.#isFlushed = false;
    const hasRoom = this.#finds(record, place) ? this.#parts.sender.offer(this.#found, receipt) : undefined;
    this.#expectsEvents = hasRoom !== undefined;
    return hasRoom;
  }

  #finds(record: StreamRecord<P>, place: number): boolean {
    const { spot } = record;
    if (spot !== undefined) return this.#found.take(spot.bytes, spot.start, spot.end, place);
    const { value, refused } = record;
    return value !== null && refused === undefined && this.#found.take(value, 0, value.length, place);
  }

  /** Gets what a record needs to be read. @returns nothing when it can be read at once. */
  prepare({ value, refused }: StreamRecord<P>): Promise<void> | undefined {
    return value === null || refused !== undefined ? undefined : this.#parts.decoder.prepare?.(value);
  }

  /** Reads a record. A tombstone holds nothing. */
  read(record: StreamRecord<P>): ReadRecord {
    const { refused: reason } = record;
    if (reason !== undefined) return { events: [], refused: [{ reason: 'unparseable', message: reason }], filtered: 0 };
    if (record.value === null) return { events: [], refused: [], filtered: 1 };
    const { decoder, properties } = this.#parts;
    const { events: found, refused } = decoder.decode(record.value);
    this.#expectsEvents = found.length === 1 && found[0] === record.value;
    const events = this.#columns?.addAll(found, record) ?? found;
    const { filter } = properties;
    const kept = filter === undefined ? events : events.filter((event) => filter.matches(event));
    return {
      events: kept,
      refused: refused.map(({ line, reason }) => ({
        reason: 'unparseable',
        message: line === 1 ? reason : `Line ${line}: ${reason}`,
      })),
      filtered: events.length - kept.length,
    };
  }

  /** As of a sender. */
  write(event: Event, receipt: Receipt): boolean {
    this.#isFlushed = false;
    return this.#parts.sender.write(event, receipt);
  }

  /** Whether Druid sees what is sent only when its source has let go of it. */
  get isStaged(): boolean {
    return this.#parts.sender.staging !== undefined;
  }

  /** Whether that is so, or not known yet. */
  get mayBeStaged(): boolean {
    return this.isStaged || this.#parts.sender.lane === undefined;
  }

  /** Sends what waits for a batch to be full. Asked again before anything more was sent, it has nothing to do. */
  flush(): void {
    if (this.#isFlushed) return;
    this.#isFlushed = true;
    void this.#parts.sender.flush();
  }

  /** Resolves when the sender has room, or the signal aborts. */
  drained(signal: AbortSignal): Promise<void> {
    return this.#parts.sender.drained({ signal });
  }

  remedyFor(reason: string): Remedy {
    return remedyFor(reason, this.#parts.properties, this.#parts.hasLetters);
  }

  /** Tells of trouble that is tried again. */
  warn(error: unknown): void {
    this.#parts.onTrouble(this.dataSource, error);
  }
}

import { setMaxListeners } from 'node:events';
import type { Beam, Destination, HandedOver } from '../beam/beam.js';
import { Haste } from '../beam/haste.js';
import { TranquilityError } from '../errors/tranquility-error.js';
import { FoundEvent } from '../event/found-event.js';
import { sent, type Dropped, type Outcome, type Undelivered } from '../event/outcome.js';
import type { ObjectRuns } from '../event/object-runs.js';
import type { RowBatch } from '../event/row-batch.js';
import type { Staging } from '../journal/staging.js';
import type { LaneReport } from '../lane/lane-beam.js';
import type { Counters, CounterSnapshot } from '../observe/counters.js';
import type { Clock } from '../time/clock.js';
import { timerMillis } from '../time/timer-millis.js';
import { RunningTally, type Tally } from './tally.js';
import { DeliveryQueue, guarded, tellUndelivered, type QueueLimits, type Receipt } from './delivery-queue.js';

/** For events of which only the counters and `onUndelivered` tell. */
const nobody: Receipt = { sent: () => undefined, undelivered: () => undefined };

export interface SenderParts {
  readonly dataSource: string;
  readonly beam: Beam;
  /** The lane; `undefined` until it is known. */
  readonly lane?: () => LaneReport | undefined;
  /** What shows events to Druid, where they are staged. */
  readonly staging?: () => Staging | undefined;
  readonly limits: QueueLimits;
  /** Turned on while somebody waits for room, or for all to be settled. Default: nobody is told. */
  readonly haste?: Haste;
  /** Whether a full sender takes more and lets the caller wait (`true`), or refuses with TRQ_BUFFER_FULL. */
  readonly blockOnFull: boolean;
  readonly counters: Counters;
  readonly clock: Clock;
  /** Done when all else is closed. What it throws, `close` throws. */
  readonly onClosed?: () => Promise<void>;
  /** Told about each event that was dropped or failed. What it throws becomes a warning of the process. */
  readonly onUndelivered?: (event: unknown, outcome: Undelivered) => void;
}

export interface CloseOptions {
  /** How long to wait for what is under way, in milliseconds; `Infinity`: until it is settled. Default 30 s. */
  readonly timeout?: number;
  /** Ends the wait at once. */
  readonly signal?: AbortSignal;
  /**
   * What to wait for where Druid pulls from the journal of this process. Default `read`: until events can be queried; those that
   * are not read by then stay in the journal, for the next process that opens it. `published`: also until Druid needs us no more, and its
   * tasks have ended; for a process that ends for good. `accepted`: for one that is started again at once.
   */
  readonly until?: 'accepted' | HandedOver;
}

export interface CloseReport extends CounterSnapshot {
  /** Whether every event was settled in time. If not, those left over failed with TRQ_ABORTED. */
  readonly drained: boolean;
  /** Events of `sent` that Druid had not read from the journal when the time was up. */
  readonly unread: number;
}

export interface ConnectOptions {
  /** How long to look for Druid, in milliseconds. Default 10 s. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/**
 * Takes single events, sends them in batches, and says of each what became of it. Each destination has a queue of its own, so
 * that a task that is slow or still starting holds up no other.
 *
 * `E` is what its events are; the bytes of their JSON are always taken too.
 *
 * Three ways in: `send` gives a promise of the event's outcome; `sendAll` one promise for many; `write` and `drained` suit
 * streams. All three share the queues, the limits and the counters.
 */
export class Sender<E = unknown> implements AsyncDisposable {
  readonly #parts: SenderParts;
  readonly #queues = new Map<Destination, DeliveryQueue>();
  readonly #abort = new AbortController();
  readonly #everyone: Receipt;
  readonly #haste: Haste;
  readonly #write: (rows: RowBatch) => Dropped | undefined;
  /** Whether an event is being looked at: its getters are the caller's code, which must not hand in others meanwhile. */
  #isReading = false;
  /** Where the last event went. */
  #last: { readonly destination: Destination; readonly queue: DeliveryQueue } | undefined;
  #roomWaiters: (() => void)[] = [];
  /** Ends the haste that there is while a queue is full. */
  #relax: (() => void) | undefined;
  #closing: Promise<CloseReport> | undefined;

  constructor(parts: SenderParts) {
    this.#parts = parts;
    this.#haste = parts.haste ?? new Haste();
    setMaxListeners(0, this.#abort.signal);
    this.#write = (rows) => {
      this.#isReading = true;
      try {
        return parts.beam.write(rows);
      } finally {
        this.#isReading = false;
      }
    };
    this.#everyone = {
      sent: (count) => {
        parts.counters.sent += count;
      },
      undelivered: (event, outcome) => {
        if (outcome.status === 'dropped') parts.counters.drop(outcome.reason);
        else parts.counters.failed++;
        guarded(() => parts.onUndelivered?.(event, outcome));
      },
    };
  }

  /** The dataSource that the events go to. */
  get dataSource(): string {
    return this.#parts.dataSource;
  }

  /** How the events get into Druid; `undefined` until that is known, which is so at the first event at the latest. */
  get lane(): LaneReport | undefined {
    return this.#parts.lane?.();
  }

  /**
   * Where events are staged (`staged` of `createSender`) and the lane is one that can do so: what shows them to Druid. It is the same for all
   * senders of a process with the same journal. `undefined` elsewhere, and until the lane is known.
   */
  get staging(): Staging | undefined {
    return this.#parts.staging?.();
  }

  /** What was done so far. */
  get counters(): CounterSnapshot {
    return this.#parts.counters.snapshot();
  }

  /**
   * Looks for Druid before the first event, so that a wrong address shows at once. Not needed: sending looks too, and waits longer.
   * @throws TRQ_OVERLORD_UNREACHABLE, TRQ_OVERLORD_REFUSED, TRQ_DRUID_UNSUPPORTED.
   */
  async connect({ timeout = 10_000, signal }: ConnectOptions = {}): Promise<void> {
    await this.#parts.beam.connect(this.#parts.clock.now() + timeout, signal);
  }

  /**
   * Sends one event: an object, or the bytes of a JSON object, which leave as they came. It is written before this returns, so it
   * may be changed afterwards.
   * @returns its outcome; wait for it, or for `drained()`, to be slowed down when the sender is full.
   * @throws (as a rejection) TRQ_SENDER_CLOSED; TRQ_SENDER_BUSY; TRQ_BUFFER_FULL with `blockOnFull: false`.
   */
  send(event: E | Uint8Array): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#enter(event, {
        sent: () => {
          resolve(sent);
        },
        undelivered: (_, outcome) => {
          resolve(outcome);
        },
      });
    });
  }

  /**
   * Sends many events, slowing down a source that is faster than Druid.
   * @returns when every one of them has its outcome.
   * @throws (as a rejection) TRQ_SENDER_CLOSED, TRQ_BUFFER_FULL, and what the source throws; what was sent before stays sent.
   */
  async sendAll(events: Iterable<E | Uint8Array> | AsyncIterable<E | Uint8Array>): Promise<Tally> {
    const tally = new RunningTally();
    const take = (event: E | Uint8Array): boolean => {
      tally.received++;
      return this.#enter(event, tally);
    };
    if (isAsync(events)) {
      for await (const event of events) if (!take(event)) await this.drained();
    } else {
      for (const event of events) if (!take(event)) await this.drained();
    }
    this.#sendNow();
    return tally.result();
  }

  /**
   * Takes one event for a stream; its outcome shows in the counters and in `onUndelivered`.
   * @param receipt told its outcome too. The same one for many events costs the least.
   * @returns whether there is room for more. If not, wait for `drained()`.
   * @throws TRQ_SENDER_CLOSED; TRQ_SENDER_BUSY; TRQ_BUFFER_FULL with `blockOnFull: false`.
   */
  write(event: E | Uint8Array, receipt: Receipt = nobody): boolean {
    return this.#enter(event, receipt);
  }

  /** {@link write} for an event where a {@link JsonReader} found it; it is scanned no second time. */
  writeFound(event: FoundEvent, receipt: Receipt = nobody): boolean {
    return this.#enter(event, receipt);
  }

  /**
   * {@link writeFound} for events that stand one behind another: takes as many of a run as go to one place as they are, perhaps none. The next
   * one is then to be written by itself.
   * @returns whether there is room for more.
   */
  writeRun(run: ObjectRuns, receipt: Receipt = nobody): boolean {
    if (this.#closing !== undefined || this.#isReading) return true;
    const { beam, blockOnFull, counters } = this.#parts;
    const routed = beam.routeRun?.(run);
    if (routed === undefined) return true;
    const queue = this.#queueTo(routed.destination);
    let left = routed.count;
    while (left > 0 && (blockOnFull || !queue.isFull)) left -= queue.addRun(run, left, receipt);
    counters.received += routed.count - left;
    return this.#hasRoom(queue);
  }

  /**
   * Takes bytes that are perhaps one event, as `write` does: for who would otherwise look at them once more to know.
   * @param bytes or an object where it was found.
   * @returns nothing when they are not one JSON object with a time that can be read: they are then not counted, and nobody is told.
   * @throws what `write` throws.
   */
  offer(bytes: Uint8Array | FoundEvent, receipt: Receipt = nobody): boolean | undefined {
    this.#mustBeOpen();
    const destination = this.#route(bytes);
    if ('reason' in destination && destination.reason === 'unparseable') return undefined;
    return this.#add(bytes, destination, receipt);
  }

  /**
   * Looks at an event without sending it: whether it can be read, and its segment takes events now.
   * @returns why it would be dropped, if so.
   * @throws TRQ_SENDER_CLOSED; TRQ_SENDER_BUSY.
   */
  check(event: E | Uint8Array): Dropped | undefined {
    this.#mustBeOpen();
    const destination = this.#route(event);
    return 'reason' in destination ? destination : undefined;
  }

  /** Resolves when there is room for more, or the signal aborts. */
  async drained({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    while (this.#isFull() && signal?.aborted !== true) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        this.#roomWaiters.push(wake);
        signal?.addEventListener('abort', wake, { once: true });
      });
    }
  }

  /** Sends what is waiting at once; resolves when every event that was handed in before has its outcome. */
  async flush(): Promise<void> {
    // The event that is being read belongs to what was handed in before.
    if (this.#isReading) await Promise.resolve();
    this.#sendNow();
    const relax = this.#haste.begin();
    await Promise.all([...this.#queues.values()].map((queue) => queue.settled()));
    relax();
  }

  /**
   * Takes no more events, sends what it has, and releases every connection. Events that are left when the time is up fail with
   * TRQ_ABORTED, each told to its caller. Calling it again gives the same report.
   */
  close(options: CloseOptions = {}): Promise<CloseReport> {
    return (this.#closing ??= this.#close(options));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close({ timeout = 30_000, signal, until = 'read' }: CloseOptions): Promise<CloseReport> {
    const { beam } = this.#parts;
    const handingOver = new AbortController();
    let drained = true;
    const abort = (): void => {
      handingOver.abort();
      if (this.#isIdle()) return;
      drained = false;
      this.#abort.abort(new TranquilityError('TRQ_ABORTED', 'The sender was closed before the event was delivered'));
    };
    const timer = timeout === Infinity ? undefined : setTimeout(abort, timerMillis(timeout));
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
    try {
      await this.flush();
      const handedOver = until === 'accepted' ? 'read' : until;
      if (until === 'accepted') handingOver.abort();
      const unread = (await beam.handOver?.(handedOver, handingOver.signal)) ?? 0;
      return { ...this.counters, drained, unread };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      await beam.close();
      await this.#parts.onClosed?.();
    }
  }

  /** @returns whether there is room for more. */
  #enter(event: E | Uint8Array | FoundEvent, receipt: Receipt): boolean {
    this.#mustBeOpen();
    return this.#add(event, this.#route(event), receipt);
  }

  #add(event: E | Uint8Array | FoundEvent, destination: Destination | Dropped, receipt: Receipt): boolean {
    const { counters, blockOnFull } = this.#parts;
    if ('reason' in destination) {
      counters.received++;
      this.#refuse(event, destination, receipt);
      return true;
    }
    const queue = this.#queueTo(destination);
    if (!blockOnFull && queue.isFull) {
      throw new TranquilityError('TRQ_BUFFER_FULL', `The buffer for ${destination.name} is full; send again later`);
    }
    counters.received++;
    const refused = queue.add(this.#write, receipt);
    if (refused !== undefined) this.#refuse(event, refused, receipt);
    return this.#hasRoom(queue);
  }

  /** Where there is none, who sends waits for it: so do batches no longer. */
  #hasRoom({ isFull }: { readonly isFull: boolean }): boolean {
    if (isFull) this.#relax ??= this.#haste.begin();
    return !isFull;
  }

  #refuse(event: E | Uint8Array | FoundEvent, why: Dropped, receipt: Receipt): void {
    const isFound = event instanceof FoundEvent;
    const given = isFound ? event.copy() : event;
    tellUndelivered(given, why, this.#everyone, receipt, isFound ? event.place : undefined);
  }

  #mustBeOpen(): void {
    if (this.#closing !== undefined) {
      throw new TranquilityError('TRQ_SENDER_CLOSED', 'The sender is closed and takes no more events');
    }
    if (this.#isReading) {
      throw new TranquilityError('TRQ_SENDER_BUSY', 'An event was handed in by a getter or toJSON of another event');
    }
  }

  #route(event: E | Uint8Array | FoundEvent): Destination | Dropped {
    this.#isReading = true;
    try {
      return this.#parts.beam.route(event);
    } finally {
      this.#isReading = false;
    }
  }

  #sendNow(): void {
    for (const queue of this.#queues.values()) queue.send();
  }

  #queueTo(destination: Destination): DeliveryQueue {
    return this.#last?.destination === destination ? this.#last.queue : this.#queueOf(destination);
  }

  #queueOf(destination: Destination): DeliveryQueue {
    const queue = this.#queues.get(destination) ?? this.#newQueue(destination);
    this.#last = { destination, queue };
    return queue;
  }

  #newQueue(destination: Destination): DeliveryQueue {
    for (const [other, queue] of this.#queues) if (queue.isIdle) this.#queues.delete(other);
    const queue = new DeliveryQueue(destination, this.#parts.limits, this.#abort.signal, this.#everyone, () => {
      this.#wake();
    });
    this.#queues.set(destination, queue);
    return queue;
  }

  #isFull(): boolean {
    for (const queue of this.#queues.values()) if (queue.isFull) return true;
    return false;
  }

  #isIdle(): boolean {
    for (const queue of this.#queues.values()) if (!queue.isIdle) return false;
    return true;
  }

  #wake(): void {
    if ((this.#roomWaiters.length === 0 && this.#relax === undefined) || this.#isFull()) return;
    this.#relax?.();
    this.#relax = undefined;
    const waiters = this.#roomWaiters;
    this.#roomWaiters = [];
    for (const wake of waiters) wake();
  }
}

function isAsync<E>(events: Iterable<E> | AsyncIterable<E>): events is AsyncIterable<E> {
  return Symbol.asyncIterator in events;
}

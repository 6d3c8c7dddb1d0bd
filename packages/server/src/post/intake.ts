import {
  JsonReader,
  TranquilityError,
  type Decoded,
  type ReadJsonOptions,
  type Receipt,
  type Sender,
  type Undelivered,
} from '@tranquility-js/core';
import { FoundEvent } from '@tranquility-js/core/internal';
import type { DeadLetterFile } from '../dead-letter-file.js';
import type { Rejections, Rejection } from '../console/rejections.js';
import { isKept } from '../kept.js';
import { reasonOf, type Fault, type PostReport } from './post-report.js';
import { Problem } from './problem.js';
import type { Route } from './route.js';

type Event = Decoded['events'][number];

/** For a route that is the same for all. */
const anyEvent: Event = {};

/** The most bytes of a body that are read before there is a look at whether the sender is full. */
const mostAtOnce = 65_536;

/** Waits for Druid, as long as may be. @throws Problem 503 when that is over. */
export type Patience = <T>(wait: (signal: AbortSignal) => Promise<T>) => Promise<T>;

interface IntakeParts {
  readonly route: Route;
  readonly report: PostReport;
  readonly patience: Patience;
  /** The first line of the answer for input that is no event. */
  readonly malformed: (line: number) => string;
  /** Whether to wait for a sender that is full. */
  readonly waits: (sender: Sender) => boolean;
  /** Of all events, where the URL says so. */
  readonly dataSource: string | undefined;
  /** Told of each event that is not sent. */
  readonly rejections: Rejections;
  /** Where they are kept, if anywhere. */
  readonly deadLetters: DeadLetterFile | undefined;
}

/** Hands the events of one POST to senders, piece by piece. */
export class Intake {
  readonly #route: Route;
  readonly #report: PostReport;
  readonly #patience: Patience;
  readonly #malformed: (line: number) => string;
  readonly #waits: (sender: Sender) => boolean;
  readonly #dataSource: string | undefined;
  readonly #rejections: Rejections;
  readonly #deadLetters: DeadLetterFile | undefined;
  /** Whether events are looked at only: then their sender keeps them. */
  #isChecking = false;
  #checked = 0;
  readonly #touched = new Set<Sender>();
  /** The sender of the last event: mostly that of the next one too. */
  #last: Sender | undefined;

  constructor({ route, report, patience, malformed, waits, dataSource, rejections, deadLetters }: IntakeParts) {
    this.#route = route;
    this.#report = report;
    this.#patience = patience;
    this.#malformed = malformed;
    this.#waits = waits;
    this.#dataSource = dataSource;
    this.#rejections = rejections;
    this.#deadLetters = deadLetters;
  }

  /**
   * Takes a piece of a body, and waits where a sender is full.
   * @throws Problem 503 when that takes too long, or at once where the config says so (`tranquility.blockOnFull`).
   */
  async take(decoded: Decoded): Promise<void> {
    const places = new Places(decoded, this.#report.received);
    const start = this.#report.received;
    const receipt = this.#receiptOf((event) => places.indexOf(Math.max(0, decoded.events.indexOf(event))), start);
    this.#refuse(decoded, this.#report.received);
    const { events } = decoded;
    for (let at = 0; at < events.length; at++) {
      const event = events[at];
      if (event === undefined) continue;
      let sender = this.#senderOf(event, at, places);
      if (sender !== undefined && sender !== this.#last) {
        this.#last = sender;
        if (!this.#touched.has(sender)) sender = await this.#roomAt(sender, event, at, places);
      }
      if (sender === undefined) continue;
      if (!this.#write(sender, event, receipt) && this.#waits(sender)) {
        await this.#patience((signal) => sender.drained({ signal }));
      }
    }
    await this.#deadLetters?.written();
  }

  /**
   * Takes a body of JSON to the one dataSource: what `take` does, but each event goes to the sender from where it lies.
   * @throws what `take` throws, and the chunks.
   */
  async takeJson(chunks: AsyncIterable<Buffer>, options: ReadJsonOptions): Promise<void> {
    const receipt = this.#receiptOf((_, place = 0) => place);
    let target: Sender | Fault | undefined;
    let isFull = false;
    const reader = new JsonReader(options, {
      take: (event) => {
        if (target === undefined) return;
        if ('status' in target) this.#rejectUnrouted(target, event.place, event.copy());
        else if (!this.#write(target, event, receipt)) isFull = true;
      },
      takeRun: (run) => {
        if (target === undefined || 'status' in target) return;
        const { at } = run;
        if (!target.writeRun(run, receipt)) isFull = true;
        this.#report.handOver(run.at - at);
      },
    });
    const read = async (read: () => void): Promise<void> => {
      target = await this.#targetWithRoom(isFull);
      isFull = false;
      try {
        read();
      } finally {
        const refusals = reader.take();
        if (refusals !== undefined) this.#refuse(refusals, 0);
        await this.#deadLetters?.written();
      }
    };
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += mostAtOnce) {
        await read(() => reader.push(chunk.subarray(at, at + mostAtOnce)));
      }
    }
    await read(() => reader.end());
    await this.#targetWithRoom(isFull);
  }

  /**
   * Tells of what in a piece would not be sent, and sends nothing.
   */
  check(decoded: Decoded): void {
    this.#isChecking = true;
    const places = new Places(decoded, this.#checked);
    this.#refuse(decoded, this.#checked);
    this.#checked += decoded.events.length + decoded.refused.length;
    for (const [at, event] of decoded.events.entries()) {
      const sender = this.#senderOf(event, at, places);
      const dropped = sender?.check(event);
      if (sender === undefined || dropped === undefined) continue;
      const { reason, message } = dropped;
      const line = lineOf(decoded, at);
      this.#report.reject({ index: places.indexOf(at), line, reason, message });
      this.#tell({ dataSource: sender.dataSource, reason, message, line, event });
    }
    this.#isChecking = false;
  }

  /** How many events, and what were to be some, `check` has seen. */
  get checked(): number {
    return this.#checked;
  }

  /** Sends at once what waits for a full batch. */
  flush(): void {
    for (const sender of this.#touched) void sender.flush();
  }

  /**
   * Whether events that were taken are in memory only until Druid has them, as with realtime tasks and no journal before them. Elsewhere a
   * journal has them first, or a Kafka. Waits until the lanes are known, or every event has its outcome.
   */
  async isHeldInMemory(signal: AbortSignal): Promise<boolean> {
    for (const sender of this.#touched) {
      if (sender.lane === undefined) {
        const settled = this.#report.settled();
        await Promise.race([settled, sender.connect({ signal }).catch(() => settled)]);
      }
      if (sender.lane === undefined || isKept(sender.lane)) return false;
    }
    return true;
  }

  /**
   * Waits for a sender that is full before it is given anything by this request: otherwise every request would leave a piece with it.
   * @returns the event's sender, as another may have taken over meanwhile.
   */
  async #roomAt(sender: Sender, event: Event, at: number, places: Places): Promise<Sender | undefined> {
    this.#touched.add(sender);
    if (!this.#waits(sender)) return sender;
    await this.#patience((signal) => sender.drained({ signal }));
    return this.#senderOf(event, at, places);
  }

  /** Of a body to one dataSource, as `#roomAt`. */
  async #targetWithRoom(isFull: boolean): Promise<Sender | Fault> {
    const target = this.#route(anyEvent);
    if ('status' in target || (this.#touched.has(target) && !isFull)) return target;
    this.#touched.add(target);
    if (!this.#waits(target)) return target;
    await this.#patience((signal) => target.drained({ signal }));
    return this.#route(anyEvent);
  }

  #refuse({ refused, events }: Decoded, start: number): void {
    for (const [at, { reason: message, line, byte, input, index = start + events.length + at }] of refused.entries()) {
      this.#report.reject(
        { index, line, ...(byte === undefined ? {} : { byte }), reason: 'unparseable', message },
        { status: 400, message: this.#malformed(line) },
      );
      this.#tell({ dataSource: this.#dataSource, reason: 'unparseable', message, line, byte }, input);
    }
  }

  /** @param input what was to be an event, where it is none. */
  #tell(rejection: Rejection, input?: string): void {
    this.#rejections.add(rejection);
    if (this.#isChecking) return;
    this.#deadLetters?.add({ ...rejection, event: rejection.event ?? input });
  }

  #senderOf(event: Event, at: number, places: Places): Sender | undefined {
    const sender = this.#route(event);
    if (!('status' in sender)) return sender;
    this.#rejectUnrouted(sender, places.indexOf(at), event);
    return undefined;
  }

  #rejectUnrouted(fault: Fault, index: number, event: Event): void {
    const { message } = fault;
    this.#report.reject({ index, reason: 'unrouted', message }, fault);
    this.#tell({ dataSource: undefined, reason: 'unrouted', message, event });
  }

  /** One receipt for many events; who asks where one stands pays for it. */
  #receiptOf(indexOf: (event: Event, place?: number) => number, from = 0): Receipt {
    return {
      sent: (count) => {
        this.#report.settleSent(count);
      },
      undelivered: (event: unknown, outcome: Undelivered, place?: number) => {
        this.#report.settleUndelivered(() => indexOf(event as Event, place), outcome, place ?? from);
        const dataSource = this.#dataSource ?? this.#nameOf(event as Event);
        this.#tell({ dataSource, ...reasonOf(outcome), event });
      },
    };
  }

  #nameOf(event: Event): string | undefined {
    const sender = this.#route(event);
    return 'status' in sender ? undefined : sender.dataSource;
  }

  #write(sender: Sender, event: Event | FoundEvent, receipt: Receipt): boolean {
    this.#report.handOver(1);
    const isFound = event instanceof FoundEvent;
    try {
      return isFound ? sender.writeFound(event, receipt) : sender.write(event, receipt);
    } catch (error) {
      this.#report.takeBack();
      const code = error instanceof TranquilityError ? error.code : undefined;
      if (code === 'TRQ_BUFFER_FULL') throw new Problem(503, `Buffer full for dataSource '${sender.dataSource}'`);
      const other = code === 'TRQ_SENDER_CLOSED' ? this.#route(isFound ? anyEvent : event) : sender;
      // A reload came between: another sender has taken over.
      if (other !== sender && !('status' in other)) return this.#write(other, event, receipt);
      throw error;
    }
  }
}

const lineOf = ({ lines }: Decoded, at: number): number => lines[at] ?? 1;

/** Where the events of a piece stand in the body: those that were refused stand between them. */
class Places {
  readonly #start: number;
  readonly #refused: readonly number[];

  /** @param start how many events and refusals came before the piece. */
  constructor({ refused }: Decoded, start: number) {
    this.#start = start;
    this.#refused = refused.flatMap(({ index }) => (index === undefined ? [] : [index])).sort((a, b) => a - b);
  }

  /** @param at its place among the events of the piece. */
  indexOf(at: number): number {
    let index = this.#start + at;
    for (const refused of this.#refused) if (refused <= index) index++;
    return index;
  }
}

import type { Destination } from '../beam/beam.js';
import type { JournalLog } from '../journal/journal-log.js';
import { messageOf } from '../errors/tranquility-error.js';
import type { Logger } from '../observe/logger.js';
import { Changes } from '../time/changes.js';
import type { Clock } from '../time/clock.js';
import { within } from '../time/within.js';
import { Backlog } from './backlog.js';
import { Delivery, type DeliveryResult } from './delivery.js';
import { readRows, rowsOf, type JournalRow } from './journal-row.js';
import { openRows, stretchesIn } from './open-rows.js';
import { RelayGroup } from './relay-group.js';
import type { RelayPlace } from './relay-place.js';
import type { RowOutlet } from './row-outlet.js';
import type { Way } from './way.js';

export interface RelayLineParts {
  readonly dataSource: string;
  readonly log: JournalLog;
  readonly place: RelayPlace;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What may fail, each by itself. */
type Effort = 'read' | 'note' | 'remove';

/** What of a group was not handed on. */
interface Left {
  readonly offsets: readonly number[];
  /** Those that did not take them; none where nobody was asked. */
  readonly waitsFor: ReadonlySet<Destination>;
  /** Who was to hand them on. */
  readonly outlet: RowOutlet;
}

/** How long to wait until what is delivered is noted, in milliseconds: so that one note is for many groups. */
const noteAfter = 50;
/**
 * How long a group may be under way, in milliseconds. What is longer is late: it holds up the reading no more, and while a destination has
 * late rows and is busy, further ones for it stay on disk.
 */
const lateAfter = 3_000;
/** How many groups may wait on disk before no more are read: each is a few hundred bytes in memory and in the note. */
const mostParked = 10_000;
/** How long to wait before more is read when nothing of so much as a group was taken, in milliseconds: others may come behind it, or none. */
const lookAheadPause = 100;
const afterTrouble = 5_000;
/** How often to let go of rows that were delivered long enough ago, in milliseconds. */
const trimEvery = 60_000;

/**
 * The way of one dataSource's rows from the journal to whoever delivers them: in order, group by group, several under way. What a destination
 * has failed to take, or is too slow for, is read again when it takes rows, and others go on; what is done with is noted, and leaves the
 * journal.
 */
export class RelayLine {
  readonly log: JournalLog;
  readonly #parts: RelayLineParts;
  readonly #changes: Changes;
  readonly #outlets: RowOutlet[] = [];
  readonly #closing = new AbortController();
  readonly #stopListening: () => void;
  readonly #looping: Promise<void>;
  readonly #backlog: Backlog;
  readonly #following = new Set<Promise<void>>();
  /** How many groups are under way and not late. */
  #underWay = 0;
  /** Whether the last group was read for the second time. */
  #wasAgain = false;
  /** How many bytes were read in a row of which nothing was taken. */
  #leftInVain = 0;
  /** Before this time no more is read for the first time. */
  #notBefore = 0;
  /** Where the next group begins. */
  #next: number;
  /** How many groups are done with and not noted. */
  #unnoted = 0;
  #noting: Promise<void> | undefined;
  readonly #troubles = new Map<Effort, string>();
  #hasToldOfDrops = false;
  /** What lies before it is noted as done with. */
  #notedTo: number;
  #lookedAt: number;

  constructor(parts: RelayLineParts) {
    const { log, place, clock } = parts;
    this.#parts = parts;
    this.log = log;
    this.#changes = new Changes(clock);
    this.#backlog = new Backlog(clock);
    const { next, open } = place.delivered;
    this.#next = next;
    this.#notedTo = next;
    this.#lookedAt = clock.now();
    for (const left of open) {
      const count = stretchesIn(left).reduce((sum, { from, to }) => sum + log.countFrom(from) - log.countFrom(to), 0);
      const group = new RelayGroup(left, count, Infinity);
      this.#notedTo = Math.min(this.#notedTo, group.from);
      this.#backlog.open.add(group);
      this.#backlog.due.add(group);
    }
    this.#stopListening = log.onAppend(() => this.#changes.tell());
    this.#looping = this.#feed(this.#closing.signal);
  }

  /** Rows that were neither delivered nor dropped so far. */
  get waiting(): number {
    return this.log.countFrom(this.#next) + this.#backlog.rows;
  }

  /** What keeps rows from being delivered, and what is delivered from being noted or removed. */
  get troubles(): readonly string[] {
    const [trouble, ...others] = this.#backlog.troubles;
    const more = others.length > 0 ? ` So it is with ${others.length} other segments or partitions.` : '';
    const delivery = trouble === undefined ? [] : [`${trouble}${more}`];
    return [...delivery, ...this.#troubles.values()];
  }

  /** Says who delivers from now on; the one before stands in again when this one goes. */
  join(outlet: RowOutlet): void {
    this.#outlets.push(outlet);
    outlet.onRoom(() => this.#changes.tell());
    this.#changes.tell();
  }

  /** Gives it no more rows. What it does not deliver then is to fail, and is delivered by another. */
  leave(outlet: RowOutlet): void {
    const at = this.#outlets.indexOf(outlet);
    if (at >= 0) this.#outlets.splice(at, 1);
  }

  /** Whether another outlet goes on when this one leaves. */
  hasOtherThan(outlet: RowOutlet): boolean {
    return this.#outlets.some((other) => other !== outlet);
  }

  /** Resolves when something has changed, or the signal aborts. */
  changed(signal: AbortSignal): Promise<void> {
    return this.#changes.wait(Infinity, signal);
  }

  /** When nobody delivers any more. What is left is delivered by the next process. */
  async close(): Promise<void> {
    this.#stopListening();
    this.#closing.abort();
    await this.#looping;
    await Promise.all(this.#following);
    await this.#noting;
    await this.#note();
    const { waiting, log } = this;
    const { dataSource, logger } = this.#parts;
    if (waiting === 0) return;
    logger.warn(
      `${waiting} events of ${dataSource} are left in ${log.directory}. The next process with this journal delivers them.`,
      { dataSource, waiting },
    );
  }

  async #feed(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    while (!signal.aborted) {
      const outlet = this.#outlets.at(-1);
      try {
        // Nothing may come between the look and the wait, or a change would be missed.
        if (outlet !== undefined && this.#mayFeed(outlet)) await this.#feedNext(outlet, signal);
        else await this.#changes.wait(Math.min(trimEvery, this.#untilDue(outlet)), signal);
        await this.#trimAtTimes();
      } catch (error) {
        // Another one goes on where this one was closed meanwhile.
        if (outlet !== undefined && !this.#outlets.includes(outlet)) continue;
        this.#tell('read', messageOf(error));
        await clock.sleep(afterTrouble, signal).catch(() => undefined);
      }
    }
  }

  /** What was not old enough to go when it was noted goes later, though no more events come. */
  async #trimAtTimes(): Promise<void> {
    const now = this.#parts.clock.now();
    if (now - this.#lookedAt < trimEvery) return;
    this.#lookedAt = now;
    await this.#trim();
  }

  async #trim(): Promise<void> {
    try {
      await this.log.trimTo(this.#notedTo);
      this.#tell('remove', undefined);
    } catch (error) {
      this.#tell('remove', messageOf(error));
    }
  }

  #mayFeed(outlet: RowOutlet): boolean {
    return !this.#isFull(outlet) && (this.#isMoreToRead || this.#backlog.dueFor(outlet) !== undefined);
  }

  /** In turn from what was left and from what comes next, so that none keeps the other from its destination. */
  async #feedNext(outlet: RowOutlet, signal: AbortSignal): Promise<void> {
    await outlet.ready(signal);
    if (!this.#outlets.includes(outlet)) return;
    const due = this.#wasAgain && this.#isMoreToRead ? undefined : this.#backlog.dueFor(outlet);
    this.#wasAgain = due !== undefined;
    if (due === undefined) await this.#readOn(outlet);
    else await this.#readAgain(due, outlet);
    this.#tell('read', undefined);
  }

  async #readAgain(group: RelayGroup, outlet: RowOutlet): Promise<void> {
    this.#backlog.freeze(group);
    const rows = await readRows(this.log, stretchesIn(group.open), outlet.groupBytes);
    this.#backlog.take(group);
    this.#deliver(group, rows, outlet);
  }

  async #readOn(outlet: RowOutlet): Promise<void> {
    const from = this.#next;
    const { bytes, nextOffset } = await this.log.read(from, outlet.groupBytes);
    if (bytes.length === 0) {
      // What was there is damaged, and was cut out when it was read.
      this.#changes.tell();
      return;
    }
    const rows = [...rowsOf(bytes)];
    const group = new RelayGroup([{ from: rows[0]?.offset ?? from, to: nextOffset }], rows.length, bytes.length);
    this.#backlog.open.add(group);
    this.#next = nextOffset;
    this.#leftInVain = this.#deliver(group, rows, outlet) === 0 ? this.#leftInVain + bytes.length : 0;
    if (this.#leftInVain < outlet.groupBytes) return;
    this.#leftInVain = 0;
    this.#notBefore = this.#parts.clock.now() + lookAheadPause;
  }

  get #isMoreToRead(): boolean {
    if (this.#backlog.parked >= mostParked || this.#parts.clock.now() < this.#notBefore) return false;
    return this.log.countFrom(this.#next) > 0;
  }

  /** How long until a group may be read, in milliseconds, if nothing changes. */
  #untilDue(outlet: RowOutlet | undefined): number {
    if (outlet === undefined || this.#isFull(outlet)) return Infinity;
    const now = this.#parts.clock.now();
    const readOn = this.#notBefore > now ? this.#notBefore : Infinity;
    return Math.min(readOn, this.#backlog.nextDue) - now;
  }

  #isFull({ mostGroups }: RowOutlet): boolean {
    return this.#underWay + this.#unnoted >= mostGroups;
  }

  /** @returns how many of the rows were handed on, or go nowhere. */
  #deliver(group: RelayGroup, rows: readonly JournalRow[], outlet: RowOutlet): number {
    group.rows = rows.length;
    const deliveries = new Map<Destination | undefined, Delivery>();
    const left: number[] = [];
    const waitsFor = new Set<Destination>();
    const isIn = this.#outlets.includes(outlet);
    for (const row of rows) {
      const to = isIn ? outlet.route(row) : undefined;
      const way = to === undefined || 'reason' in to ? undefined : this.#backlog.wayTo(to);
      if (to === undefined || (way !== undefined && !this.#backlog.takesRows(way, outlet))) {
        left.push(row.offset);
        if (way !== undefined) waitsFor.add(way.destination);
        continue;
      }
      const delivery = deliveries.get(way?.destination) ?? this.#begin(way);
      deliveries.set(way?.destination, delivery);
      delivery.add(row.offset);
      if (!('reason' in to)) outlet.write(row, to, delivery);
      else {
        outlet.drop(row, to);
        delivery.undelivered(row, to);
      }
    }
    for (const delivery of deliveries.values()) delivery.end();
    this.#follow(this.#await(group, [...deliveries.values()], { offsets: left, waitsFor, outlet }));
    return rows.length - left.length;
  }

  #begin(way: Way | undefined): Delivery {
    way?.begin();
    return new Delivery(way?.destination);
  }

  #follow(work: Promise<void>): void {
    const following = work.finally(() => this.#following.delete(following));
    this.#following.add(following);
  }

  /** Waits for the outcomes of a group; what is late becomes a group of its own. */
  async #await(group: RelayGroup, deliveries: readonly Delivery[], left: Left): Promise<void> {
    if (deliveries.length > 0) {
      this.#underWay++;
      await within(Promise.all(deliveries.map(({ settled }) => settled)), lateAfter, this.#parts.clock);
      this.#underWay--;
      this.#unnoted++;
    }
    for (const delivery of deliveries) {
      if (!delivery.isSettled) this.#follow(this.#awaitLate(delivery, group.bytes, left.outlet));
    }
    this.#settle(
      group,
      deliveries.filter(({ isSettled }) => isSettled),
      left,
    );
  }

  async #awaitLate(delivery: Delivery, bytes: number, outlet: RowOutlet): Promise<void> {
    const { destination, offsets, settled } = delivery;
    const { clock } = this.#parts;
    const since = new Date(clock.now() - lateAfter).toISOString();
    const group = new RelayGroup(openRows(offsets), offsets.length, bytes);
    this.#backlog.open.add(group);
    const way = destination === undefined ? undefined : this.#backlog.wayTo(destination);
    way?.beLate();
    await within(settled, outlet.quietPeriod - lateAfter, clock);
    if (way !== undefined && !delivery.isSettled) {
      this.#tellOfTrouble(
        way,
        `${way.destination.name} has not taken events that it was given at ${since}. What keeps it stands in the log.`,
      );
    }
    await settled;
    this.#unnoted++;
    this.#settle(group, [delivery], { offsets: [], waitsFor: new Set(), outlet }, true);
  }

  /** @param deliveries each settled. */
  #settle(group: RelayGroup, deliveries: readonly Delivery[], left: Left, wasLate = false): void {
    const offsets = [...left.offsets];
    const waitsFor = new Set(left.waitsFor);
    for (const { destination, result } of deliveries) {
      this.#tellOfDrops(result);
      for (const offset of result.failed) offsets.push(offset);
      if (destination === undefined) continue;
      const way = this.#backlog.wayTo(destination);
      way.end(result, wasLate, this.#parts.clock.now());
      if (result.error === undefined) continue;
      waitsFor.add(destination);
      this.#tellOfTrouble(way, result.error.message);
    }
    group.rows = offsets.length;
    group.open = openRows(offsets);
    if (offsets.length === 0) this.#backlog.open.delete(group);
    // What nobody has tried to its end waits for nothing.
    else if (waitsFor.size === 0 || !this.#outlets.includes(left.outlet)) this.#backlog.due.add(group);
    else this.#backlog.park(group, waitsFor, left.outlet.groupBytes);
    this.#backlog.forgetIdle();
    if (this.#unnoted > 0) this.#noting ??= this.#noteSoon();
    this.#changes.tell();
  }

  async #noteSoon(): Promise<void> {
    const { clock } = this.#parts;
    const { signal } = this.#closing;
    while (this.#unnoted > 0 && !signal.aborted) {
      await clock.sleep(noteAfter, signal).catch(() => undefined);
      if (!(await this.#note())) await clock.sleep(afterTrouble, signal).catch(() => undefined);
      this.#changes.tell();
    }
    this.#noting = undefined;
  }

  /** @returns whether it is noted how far the rows are delivered. */
  async #note(): Promise<boolean> {
    const noted = this.#unnoted;
    const open = [...this.#backlog.open].sort((a, b) => a.from - b.from);
    const next = this.#next;
    // While this is written, groups go on.
    const notedTo = open[0]?.from ?? next;
    try {
      await this.#parts.place.note({ next, open: open.map((group) => group.open) });
    } catch (error) {
      this.#tell('note', messageOf(error));
      return false;
    }
    this.#tell('note', undefined);
    this.#unnoted -= noted;
    this.#notedTo = notedTo;
    await this.#trim();
    return true;
  }

  #tellOfDrops({ dropped, reason }: DeliveryResult): void {
    const { dataSource, logger } = this.#parts;
    if (dropped === 0 || this.#hasToldOfDrops) return;
    this.#hasToldOfDrops = true;
    logger.warn(
      `Events of ${dataSource} that were acknowledged are dropped, now ${dropped}: ${String(reason)} Further ones show in the counters. To have late ones appended, set tranquility.lateEvents to append.`,
      { dataSource, dropped },
    );
  }

  /** Once, until there is none. */
  #tellOfTrouble(way: Way, trouble: string): void {
    const { logger, dataSource } = this.#parts;
    const isNew = this.#backlog.troubles.length === 0;
    way.trouble = trouble;
    if (!isNew) return;
    logger.warn(
      `Events of ${dataSource} are not delivered yet. ${trouble} They wait in the journal, and are tried again.`,
      { dataSource },
    );
  }

  /** Once for each, until it is over. */
  #tell(effort: Effort, trouble: string | undefined): void {
    const { logger, dataSource } = this.#parts;
    const isNew = !this.#troubles.has(effort);
    if (trouble === undefined) {
      this.#troubles.delete(effort);
      return;
    }
    this.#troubles.set(effort, alarmOf[effort](trouble));
    if (isNew) logger.warn(`${warningOf[effort](dataSource, trouble)} It is tried again.`, { dataSource });
  }
}

const alarmOf: Readonly<Record<Effort, (trouble: string) => string>> = {
  read: (trouble) => trouble,
  note: (trouble) => `It cannot be noted which events are delivered: ${trouble}`,
  remove: (trouble) => `Delivered events cannot be removed from the journal: ${trouble}`,
};

const warningOf: Readonly<Record<Effort, (dataSource: string, trouble: string) => string>> = {
  read: (dataSource, trouble) => `Events of ${dataSource} are not delivered yet. ${trouble} They wait in the journal.`,
  note: (dataSource, trouble) =>
    `It cannot be noted which events of ${dataSource} are delivered. ${trouble} After a crash, those are delivered once more; when they are many, the others wait in the journal.`,
  remove: (dataSource, trouble) =>
    `Delivered events of ${dataSource} cannot be removed from the journal, which may become full. ${trouble}`,
};

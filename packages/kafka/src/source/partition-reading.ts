import type { EachBatchPayload } from 'kafkajs';
import { fetchedIn, startingAt, type Fetched } from './fetch/fetched-records.js';
import { KnownLog, type Witness } from './known-log.js';
import { isDoubtful, nextStep, stepBack, type Bounds, type Step } from './next-step.js';
import type { Assigned, SourceListener, SourceTrouble } from './source.js';
import { anotherLog, brokenBatch, brokenPause, lostRecords } from './source-troubles.js';

/** For so long a partition is not fetched before its log is doubted, in milliseconds: while it is fetched, a topic that goes is noticed. */
const longRest = 1_000;

/** Who fetches a partition. */
export interface Fetching {
  /** Has it fetched, or not, from now on. */
  readonly run: (isOn: boolean) => void;
  /** Has it fetched from there on. */
  readonly seek: (offset: number) => void;
  /** Has the group begin there from now on, as what it has is no place in this log any more. */
  readonly keep: (offset: number) => void;
  /** Asks the leader. @returns nothing where it does not answer in time. */
  readonly bounds: () => Promise<Bounds | undefined>;
}

/** The reading of a partition that is ours: what of an answer is handed on, and when the partition is fetched. */
export class PartitionReading {
  readonly topic: string;
  readonly partition: number;
  readonly #fetching: Fetching;
  readonly #listener: Pick<SourceListener, 'records' | 'trouble'>;
  /** The offset that comes next, by what was handed on. */
  #place: number;
  /** The place that was asked for anew last, and whether an answer to that has come. */
  #sought: { readonly place: number; readonly isAnswered: boolean } | undefined;
  readonly #log: KnownLog;
  /** When it was fetched last, on the clock of `performance.now`; nothing while it is. */
  #restsSince: number | undefined;
  /** One thing at a time decides where to go on. */
  #turn: Promise<void> = Promise.resolve();
  /** Places that are said to be out of range, and not looked into. */
  #doubts = 0;
  /** Whether there is room for its records. */
  #isWanted = false;
  #isHeld = false;
  #isOver = false;
  #broken: SourceTrouble | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(
    { topic, partition, offset }: Assigned,
    fetching: Fetching,
    listener: Pick<SourceListener, 'records' | 'trouble'>,
    witness?: Witness,
  ) {
    this.topic = topic;
    this.partition = partition;
    this.#place = offset;
    this.#fetching = fetching;
    this.#listener = listener;
    this.#log = new KnownLog(witness);
  }

  /** Has kafkajs begin. */
  begin(): void {
    this.#seek(this.#log.asked ?? this.#place);
  }

  /** By what the log before a place is known again, that is about to be committed. */
  witnessBefore(place: number): Witness | undefined {
    return this.#log.before(place);
  }

  /** Whether nothing of it is fetched at present. */
  get isResting(): boolean {
    return !this.#isOn;
  }

  /** The batch before which it waits, if one cannot be read. */
  get broken(): SourceTrouble | undefined {
    return this.#broken;
  }

  /** Says whether there is room for its records. */
  want(isWanted: boolean): void {
    this.#isWanted = isWanted;
    this.#apply();
  }

  /** Gives up fetching for a while, or goes on, be it wanted or not. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#apply();
  }

  /** It is ours no longer. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#retry);
  }

  /** Takes an answer. Resolves when the next one may come. */
  take(payload: Pick<EachBatchPayload, 'batch' | 'resolveOffset'>): Promise<void> {
    return this.#inTurn(() => this.#take(payload));
  }

  /** Learns that an answer has come to what was asked from there on, be there anything for us in it or not. */
  answered(offset: number): void {
    if (offset === this.#sought?.place && this.#isOn) this.#sought = { place: offset, isAnswered: true };
  }

  /** Learns that the leader's log ended before this offset, or began behind it. Resolves when it is known where to go on. */
  async outOfRange(offset: number): Promise<void> {
    this.#doubts++;
    this.#apply();
    await this.#inTurn(() => this.#lookInto(offset));
    this.#doubts--;
    this.#apply();
  }

  async #take({ batch, resolveOffset }: Pick<EachBatchPayload, 'batch' | 'resolveOffset'>): Promise<void> {
    if (!this.#isOurs()) return;
    const fetched = fetchedIn(batch);
    if (!(await this.#isSameLog(fetched)) || !this.#isOurs()) return;
    const step = await this.#stepFor(fetched);
    if (!this.#isOurs()) return;
    const { records, broken } = fetched;
    this.#place = step.place;
    if (!step.isTaken) {
      this.#seek(step.place);
    } else if (broken !== undefined && fetched.place >= step.place) {
      this.#wait(fetched.place, broken);
    } else {
      this.#broken = undefined;
      const rest = startingAt(step.place, records);
      if (this.#log.doubts(rest)) {
        this.#seek(this.#log.asked ?? step.place);
        return;
      }
      this.#place = Math.max(step.place, fetched.next);
      this.#log.read(rest);
      if (rest.length > 0) await this.#listener.records(this.topic, this.partition, rest, fetched.end);
      if (this.#isOurs()) resolveOffset(String(this.#place - 1));
    }
  }

  /** What is to be done about an offset that is out of range. */
  async #lookInto(offset: number): Promise<void> {
    if (!this.#isOurs()) return;
    // Otherwise kafkajs has asked for what was not wanted.
    const isWanted = offset === this.#place || offset === this.#log.asked;
    const bounds = isWanted ? await this.#fetching.bounds() : undefined;
    if (!this.#isOurs()) return;
    if (bounds !== undefined) {
      this.#log.trust();
      const isOnlyGone = bounds.low > offset && bounds.low <= this.#place;
      if (!isOnlyGone) this.#go(stepBack(this.#place, bounds), bounds);
    }
    this.#seek(this.#log.asked ?? this.#place);
  }

  /**
   * Looks, where that is in doubt, whether an answer is of the log that was read before.
   * @returns whether it may be taken; otherwise another one was asked for.
   */
  async #isSameLog(fetched: Fetched): Promise<boolean> {
    const { asked } = this.#log;
    if (asked === undefined) return true;
    const isPassed = fetched.place > asked && this.#sought?.place === asked && this.#sought.isAnswered;
    if (!isPassed && !this.#log.isDecidedBy(fetched, asked)) {
      this.#seek(asked);
      return false;
    }
    if (isPassed || !this.#log.isDeniedBy(fetched)) {
      this.#log.trust();
      return true;
    }
    const bounds = await this.#fetching.bounds();
    if (!this.#isOurs()) return false;
    if (bounds !== undefined) this.#go(stepBack(this.#place, bounds), bounds);
    this.#seek(bounds === undefined ? asked : this.#place);
    return false;
  }

  #go(step: Step, bounds: Bounds): void {
    this.#tell(step, bounds);
    this.#place = step.place;
  }

  #seek(place: number): void {
    this.#sought = { place, isAnswered: false };
    this.#fetching.seek(place);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  get #isOn(): boolean {
    return this.#isWanted && !this.#isHeld && this.#retry === undefined && this.#doubts === 0;
  }

  #isOurs(): boolean {
    return !this.#isOver;
  }

  async #stepFor(fetched: Fetched): Promise<Step> {
    const place = this.#place;
    const standing = { place, fetched: fetched.place, end: fetched.end };
    const isClear = !isDoubtful(standing);
    const bounds = isClear ? undefined : await this.#fetching.bounds();
    // Nothing is passed over where it is not known that this is right.
    if (!isClear && bounds === undefined) return { isTaken: false, place, lost: 0, isAnother: false };
    const step = nextStep(standing, bounds, this.#sought?.place === place && this.#sought.isAnswered);
    if (this.#isOurs() && bounds !== undefined) this.#tell(step, bounds);
    return step;
  }

  /** Tells of a step that leaves records out, or goes back. */
  #tell({ lost, isAnother, place }: Step, { high }: Bounds): void {
    const { topic, partition } = this;
    if (lost > 0) this.#listener.trouble(lostRecords(topic, partition, lost));
    if (isAnother) this.#listener.trouble(anotherLog(topic, partition, this.#place, high));
    if (lost === 0 && !isAnother) return;
    this.#log.forget();
    this.#fetching.keep(place);
  }

  #wait(offset: number, reason: Error): void {
    this.#broken = brokenBatch(this.topic, this.partition, offset, reason);
    this.#listener.trouble(this.#broken);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#apply();
    }, brokenPause);
    this.#retry.unref();
    this.#apply();
  }

  #apply(): void {
    if (!this.#isOurs()) return;
    const isOn = this.#isOn;
    const restsSince = isOn ? this.#restsSince : undefined;
    this.#restsSince = isOn ? undefined : (this.#restsSince ?? performance.now());
    const isLong = restsSince !== undefined && performance.now() - restsSince >= longRest;
    // What lies before a broken batch is not to be read again each time that it is tried.
    if (isLong && this.#broken === undefined) {
      this.#log.doubt();
      if (this.#log.asked !== undefined) this.#seek(this.#log.asked);
    }
    this.#fetching.run(isOn);
  }
}

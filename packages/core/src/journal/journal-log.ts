import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import type { Clock } from '../time/clock.js';
import { ActiveSegment } from './active-segment.js';
import { layout, readHeader, setBaseOffset, type BatchHeader } from './batch-header.js';
import { isMissing, isNoRoom } from './file-system.js';
import { GroupCommit, type SyncPolicy } from './group-commit.js';
import { diskTrouble, journalClosed, journalFailed } from './journal-error.js';
import type { Cut } from './mend-segment.js';
import { readNeeded, writeNeeded } from './needed-offset.js';
import type { LogRead, PartitionLog } from './partition-log.js';
import { PendingAppends } from './pending-appends.js';
import type { Appended, Producers } from './producers.js';
import { nextBase } from './next-base.js';
import { DamagedBatch, findTime, readBatches, type SegmentBytes } from './read-batches.js';
import { recover, sayFarewell, takeBackFarewell, type Recovered, type Recovery } from './recover.js';
import { SealedSegments, type SealedContext } from './sealed-segments.js';
import { segmentPath, type Segment } from './segment.js';
import { segmentAt } from './segment-list.js';

/** What all logs of a journal share. */
export interface LogContext extends SealedContext {
  readonly clock: Clock;
  readonly sync: SyncPolicy;
  /** A segment that has so many bytes is followed by another. */
  readonly segmentBytes: number;
  /** So is one that was begun so long ago, in milliseconds. */
  readonly segmentMillis: number;
  /** How long rows are kept at least, in milliseconds, whatever `trimTo` says. */
  readonly reserveMillis: number;
}

/** One partition: rows get their offsets here, are kept in segments, and are read in order. */
export class JournalLog implements PartitionLog {
  readonly directory: string;
  /** What was found when it was opened. */
  readonly recovery: Recovery;
  readonly #context: LogContext;
  readonly #commits: GroupCommit<Buffer, Appended>;
  readonly #pending: PendingAppends;
  readonly #producers: Producers;
  readonly #listeners = new Set<() => void>();
  readonly #sealed: SealedSegments;
  #active: ActiveSegment | undefined;
  #nextOffset: number;
  #written = 0;
  /** Up to where readers may see it; `undefined` when they may see all. */
  #shown: number | undefined;
  #failure: TranquilityError | undefined;
  #needed: number | undefined;
  /** Whether the log, which is empty, has said so: else a start after a crash would not know where its offsets had come to. */
  #isFarewellSaid = false;
  /** Changes of the files that must not meet: commits, trims, repairs. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, context: LogContext, recovered: Recovered, needed: number | undefined) {
    const { isClean, cuts, segments, producers, nextOffset } = recovered;
    this.directory = directory;
    this.recovery = { isClean, cuts };
    this.#context = context;
    this.#sealed = new SealedSegments(directory, context, producers, { segments, cuts });
    this.#producers = producers;
    this.#nextOffset = nextOffset;
    this.#needed = needed;
    this.#pending = new PendingAppends(producers);
    const commit = (batches: readonly Buffer[]): Promise<readonly Appended[]> =>
      this.#inTurn(() => this.#commit(batches));
    const forget = (): void => {
      this.#pending.clear();
    };
    this.#commits = new GroupCommit(commit, forget, context.sync, context.clock);
  }

  /**
   * Opens a log, or begins one where there is none. Nobody else may have it open.
   * @throws TRQ_JOURNAL_FAILED, TRQ_JOURNAL_FULL
   */
  static async open(directory: string, context: LogContext): Promise<JournalLog> {
    const { files, clock } = context;
    try {
      await files.mkdir(directory, { recursive: true });
      const recovered = await recover(files, directory, clock.now());
      const needed = await readNeeded(files, directory);
      return new JournalLog(directory, context, recovered, needed);
    } catch (error) {
      throw diskTrouble(`open ${directory}`, error);
    }
  }

  get startOffset(): number {
    return this.#segments[0]?.base ?? this.#nextOffset;
  }

  get endOffset(): number {
    return Math.min(this.#shown ?? Infinity, this.#nextOffset);
  }

  /** After a start that was not in order, this is above the last record, so that it is above all that was ever given out. */
  get tail(): number {
    return this.#nextOffset;
  }

  get written(): number {
    return this.#written;
  }

  /** Its bytes on disk. */
  get size(): number {
    return this.#segments.reduce((sum, { size }) => sum + size, 0);
  }

  /** Everything that was cut out of it, since it was opened and then. */
  get cuts(): readonly Cut[] {
    return this.#sealed.cuts;
  }

  /**
   * Adds a batch of `encodeBatch`, which belongs to the log from then on. One of a producer that is written again is kept once.
   * @returns when it is durable: where it is, or where it was already.
   * @throws TRQ_JOURNAL_FULL, TRQ_JOURNAL_SEQUENCE, TRQ_JOURNAL_CLOSED; TRQ_JOURNAL_FAILED when the disk did not do as it was
   *   told: then it takes no more until it is opened anew, and a batch of a producer may be written again to find out whether it is there.
   */
  async append(batch: Buffer): Promise<Appended> {
    if (this.#failure !== undefined) throw this.#failure;
    const header = readHeader(batch);
    return this.#pending.find(header) ?? this.#pending.add(header, this.#commits.add(batch, batch.length));
  }

  countFrom(offset: number): number {
    const { endOffset } = this;
    return this.#segments.reduce(
      (sum, { base, end }) => sum + Math.max(0, Math.min(end, endOffset) - Math.max(base, offset)),
      0,
    );
  }

  async read(offset: number, maxBytes: number): Promise<LogRead> {
    if (!(offset <= this.#nextOffset)) {
      throw new RangeError(`The offset ${offset} is beyond the end of ${this.directory}: ${this.#nextOffset}.`);
    }
    const { endOffset } = this;
    for (;;) {
      const segment = segmentAt(this.#segments, offset);
      if (segment === undefined || offset >= endOffset || segment.base >= endOffset) {
        return { bytes: Buffer.alloc(0), nextOffset: offset };
      }
      const read = await this.#readFrom(segment, (bytes) => readBatches(bytes, offset, maxBytes, endOffset));
      if (read !== undefined) return read;
    }
  }

  async offsetOfTime(timestamp: number): Promise<{ readonly offset: number; readonly timestamp: number } | undefined> {
    for (let offset = 0; ;) {
      const segment = this.#segments.find(({ end, maxTimestamp }) => end > offset && maxTimestamp >= timestamp);
      if (segment === undefined) return undefined;
      const found = await this.#readFrom(segment, (bytes) => findTime(bytes, timestamp));
      if (found !== undefined) return found.offset < this.endOffset ? found : undefined;
      // It was removed or mended meanwhile: what is left of it has been looked at, or is in the list now.
      if (this.#segments.includes(segment)) offset = segment.end;
    }
  }

  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /**
   * Removes whole segments with nothing but records below an offset, if they were written to long enough ago, and if offsets go on below
   * it too. The one that is being written is among them when it is old enough to end, or room is short. Only the caller knows that
   * nobody is going to ask for them again.
   * @returns how many bytes were removed.
   * @throws TRQ_JOURNAL_FAILED
   */
  trimTo(offset: number): Promise<number> {
    return this.#inTurn(async () => {
      const { clock, reserveMillis } = this.#context;
      const latest = clock.now() - reserveMillis;
      try {
        if (this.#failure === undefined && (this.#isOld() || this.#isInTheWay(offset, latest))) await this.#seal();
        // Who stands where offsets were left out has lost nothing, and must not stand before the beginning for that.
        const follower = (index: number): number => this.#segments[index + 1]?.base ?? this.#nextOffset;
        const { list } = this.#sealed;
        const kept = list.findIndex(({ writtenAt }, index) => follower(index) > offset || writtenAt > latest);
        const done = kept < 0 ? list : list.slice(0, kept);
        const isAll = done.length > 0 && done.length === this.#segments.length;
        if (isAll && this.#failure === undefined) await this.#sayEmpty();
        return await this.#sealed.remove(done);
      } catch (error) {
        throw diskTrouble(`remove segments of ${this.directory}`, error);
      }
    });
  }

  /** What `need` was told last, by this process or one before. */
  get needed(): number | undefined {
    return this.#needed;
  }

  /**
   * Takes down, for the next process too, the oldest offset that its reader may ask for again.
   * @throws TRQ_JOURNAL_FAILED
   */
  need(offset: number): Promise<void> {
    return this.#inTurn(async () => {
      if (offset === this.#needed || this.#failure?.code === 'TRQ_JOURNAL_CLOSED') return;
      try {
        await writeNeeded(this.#context.files, this.directory, offset);
        this.#needed = offset;
      } catch (error) {
        throw diskTrouble(`write down what is needed of ${this.directory}`, error);
      }
    });
  }

  /** Shows readers only what is below an offset, from now on. */
  hold(offset: number): void {
    this.#shown = offset;
    this.#tellListeners();
  }

  /** Shows them all again. */
  unhold(): void {
    this.#shown = undefined;
    this.#tellListeners();
  }

  /**
   * Takes away all rows from an offset on, which nobody was shown: their offsets may be given again. None may be under way.
   * @throws TRQ_JOURNAL_FAILED
   */
  cutFrom(offset: number): Promise<void> {
    return this.#inTurn(async () => {
      const isGoingOn = this.#segments.at(-1)?.end === this.#nextOffset;
      if (!this.#segments.some(({ end }) => end > offset)) return;
      if (this.#failure !== undefined) throw this.#failure;
      try {
        await this.#seal();
        await this.#sealed.cutFrom(offset);
        if (isGoingOn) this.#nextOffset = Math.max(offset, this.#sealed.list.at(-1)?.end ?? 0);
      } catch (error) {
        throw diskTrouble(`remove what is not shown of ${this.directory}`, error);
      }
    });
  }

  /**
   * Goes on above an offset at which a reader stands, though the log ends below it: rows that were there are lost, and one that got such an
   * offset now would be taken for read.
   */
  leapOver(offset: number): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#failure !== undefined || offset <= this.#nextOffset) return;
      try {
        await this.#seal();
        this.#nextOffset = nextBase(offset, this.#context.clock.now());
      } catch (error) {
        throw diskTrouble(`seal the last segment of ${this.directory}`, error);
      }
    });
  }

  /** Waits for appends under way, and leaves the log so that the next start need not check it. */
  async close(): Promise<void> {
    await this.#commits.idle();
    await this.#inTurn(async () => {
      if (this.#failure?.code === 'TRQ_JOURNAL_CLOSED') return;
      const hasFailed = this.#failure !== undefined;
      this.#failure = journalClosed(this.directory);
      this.#listeners.clear();
      try {
        if (hasFailed) return await this.#active?.abandon();
        if (this.#active !== undefined) await this.#seal();
        await this.#sayFarewell(this.#sealed.list);
      } catch (error) {
        const { logger } = this.#context;
        await this.#active?.abandon();
        logger.warn(`${this.directory} could not be closed in order, the next start checks it: ${messageOf(error)}`);
      }
    });
  }

  get #segments(): readonly Segment[] {
    const { list } = this.#sealed;
    return this.#active === undefined || this.#active.size === 0 ? list : [...list, this.#active];
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** Makes batches durable, one behind the other. */
  async #commit(batches: readonly Buffer[]): Promise<readonly Appended[]> {
    if (this.#failure !== undefined) throw this.#failure;
    const { budget, clock } = this.#context;
    const bytes = batches.reduce((sum, { length }) => sum + length, 0);
    await budget.take(bytes);
    let headers: readonly BatchHeader[];
    try {
      const active = await this.#roomFor(bytes);
      headers = this.#number(batches);
      await this.#write(active, batches, clock.now());
    } catch (error) {
      budget.give(bytes);
      throw error instanceof TranquilityError ? error : diskTrouble(`write to ${this.directory}`, error);
    }
    for (const header of headers) this.#pending.settle(header);
    this.#nextOffset = headers.at(-1)?.nextOffset ?? this.#nextOffset;
    this.#written += bytes;
    this.#tellListeners();
    return headers.map(({ baseOffset, nextOffset }) => ({ baseOffset, nextOffset }));
  }

  #tellListeners(): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        this.#context.logger.error(`A listener of ${this.directory} broke: ${messageOf(error)}`);
      }
    }
  }

  /** Gives batches their offsets. */
  #number(batches: readonly Buffer[]): readonly BatchHeader[] {
    let offset = this.#nextOffset;
    return batches.map((batch) => {
      setBaseOffset(batch, offset);
      offset += batch.readInt32BE(layout.count);
      return readHeader(batch);
    });
  }

  async #write(active: ActiveSegment, batches: readonly Buffer[], now: number): Promise<void> {
    try {
      await active.append(batches, now);
    } catch (error) {
      let doubt: unknown = isNoRoom(error) ? undefined : error;
      await active.restore().catch((failed: unknown) => {
        doubt = failed;
      });
      if (doubt === undefined) throw error;
      this.#failure = journalFailed(`write to ${segmentPath(this.directory, active.base)}`, doubt);
      throw this.#failure;
    }
  }

  async #roomFor(bytes: number): Promise<ActiveSegment> {
    const { files, clock, segmentBytes } = this.#context;
    const isFull = this.#active !== undefined && this.#active.size > 0 && this.#active.size + bytes > segmentBytes;
    if (isFull || this.#isOld()) await this.#seal();
    if (this.#isFarewellSaid) await takeBackFarewell(files, this.directory);
    this.#isFarewellSaid = false;
    return (this.#active ??= await ActiveSegment.create(files, this.directory, this.#nextOffset, clock.now()));
  }

  #isOld(): boolean {
    const { clock, segmentMillis } = this.#context;
    return this.#active !== undefined && this.#active.size > 0 && clock.now() - this.#active.startedAt >= segmentMillis;
  }

  /** Whether the segment that is being written could be removed, and others need the room: they may be all full but for such. */
  #isInTheWay(offset: number, latest: number): boolean {
    const active = this.#active;
    if (active === undefined || active.size === 0 || !this.#context.budget.isTight) return false;
    return this.#nextOffset <= offset && active.writtenAt <= latest;
  }

  /** Ends the segment that is being written. */
  async #seal(): Promise<void> {
    const active = this.#active;
    if (active === undefined) return;
    const segment = await active.seal(this.#producers.entries);
    this.#active = undefined;
    await this.#sealed.add(segment);
  }

  /** For when all segments are going to be removed. */
  async #sayEmpty(): Promise<void> {
    if (this.#active !== undefined) await this.#seal();
    await this.#sayFarewell([]);
    this.#isFarewellSaid = true;
  }

  #sayFarewell(segments: readonly Segment[]): Promise<void> {
    const [producers, nextOffset] = [this.#producers, this.#nextOffset];
    return sayFarewell(this.#context.files, this.directory, { segments, producers, nextOffset });
  }

  /** @returns `undefined` when the segment has it not, or was changed so that it must be looked for again. */
  async #readFrom<T>(segment: Segment, read: (bytes: SegmentBytes) => Promise<T | undefined>): Promise<T | undefined> {
    const { open } = this.#context;
    const { base, size } = segment;
    try {
      return await open.use(this.directory, segment, (file, index) => read({ file, index, base, size }));
    } catch (error) {
      if (!this.#segments.includes(segment)) return undefined;
      if (!(error instanceof DamagedBatch) && !isMissing(error))
        throw diskTrouble(`read ${segmentPath(this.directory, segment.base)}`, error);
      await this.#inTurn(() => this.#mend(segment));
      return undefined;
    }
  }

  /**
   * Cuts out what a reader found damaged or gone, says so, and lets it read on behind it.
   * @throws TRQ_JOURNAL_FAILED, also when a check finds nothing damaged; TRQ_JOURNAL_CLOSED
   */
  async #mend(found: Segment): Promise<void> {
    // Another reader may have seen to it meanwhile.
    if (!this.#segments.includes(found)) return;
    if (this.#failure?.code === 'TRQ_JOURNAL_CLOSED') throw this.#failure;
    const { base } = found;
    if (found === this.#active) await this.#seal();
    const segment = this.#sealed.list.find((sealed) => sealed.base === base);
    if (segment === undefined) return;
    let cuts: readonly Cut[];
    try {
      cuts = await this.#sealed.mend(segment);
    } catch (error) {
      throw diskTrouble(`mend ${segmentPath(this.directory, base)}`, error);
    }
    // To look again would find the same.
    if (cuts.length === 0) throw journalFailed(`read ${segmentPath(this.directory, base)}`, unsteady());
  }
}

const unsteady = (): Error => new Error('what a reader got was not what was written, and a check found no damage');

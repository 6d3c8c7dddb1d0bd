import {
  Lane,
  reasonsOf,
  StreamTally,
  type Destinations,
  type Letters,
  type Records,
  type Routes,
  type StoppedFault,
} from '@tranquility-js/connect';
import { TranquilityError } from '@tranquility-js/core';
import type { PartitionStatus } from './counters.js';
import type { Assigned } from './source/source.js';

/** A full partition may hold up the others of the same answer for so long; then its fetching pauses. In milliseconds. */
const patience = 200;

export interface SharesOptions {
  readonly routes: Routes;
  readonly destinations: Destinations<number>;
  readonly letters: Letters<number>;
  readonly maxWaitingBytes: number;
  readonly pause: (topic: string, partition: number) => void;
  readonly resume: (topic: string, partition: number) => void;
  readonly onStopped: (fault: StoppedFault) => void;
  readonly onFatal: (error: TranquilityError) => void;
}

/** A partition that is ours. */
interface Share extends Assigned {
  readonly dataSource: string;
  readonly lane: Lane<number>;
  committed: number;
  end: number;
  /** Whether its fetching waits for room. */
  isWaiting: boolean;
}

/** Our share of the partitions, each with its lane, and the places that may be committed. */
export class Shares {
  readonly #options: SharesOptions;
  readonly #tallies = new Map<string, StreamTally>();
  #shares = new Map<string, Share>();
  #turn = {};

  constructor(options: SharesOptions) {
    this.#options = options;
  }

  /** What became of the records of each topic. */
  get tallies(): ReadonlyMap<string, StreamTally> {
    return this.#tallies;
  }

  get status(): PartitionStatus[] {
    return [...this.#shares.values()].map((share) => {
      const { topic, partition, dataSource, lane, committed, end } = share;
      const settled = lane.settled ?? share.offset;
      const { waitingBytes, stopped } = lane;
      const lag = Math.max(0, end - settled);
      const place = { topic, partition, dataSource, settled, committed, lag, waitingBytes };
      return stopped === undefined ? place : { ...place, stopped };
    });
  }

  /** What keeps partitions from going on, in sentences. */
  get reasons(): readonly string[] {
    return reasonsOf([...this.#shares.values()].map(({ lane }) => lane));
  }

  /**
   * Takes these partitions, in place of all others.
   * @returns whether they are taken; not when others are asked for meanwhile, or all are let go of.
   * @throws (as a rejection) what createSender throws.
   */
  async take(partitions: readonly Assigned[]): Promise<boolean> {
    this.drop();
    const turn = this.#turn;
    const shares = await Promise.all(partitions.map((assigned) => this.#share(assigned)));
    if (turn !== this.#turn) {
      for (const { lane } of shares) lane.close();
      return false;
    }
    this.#shares = new Map(shares.map((share) => [keyOf(share.topic, share.partition), share]));
    return true;
  }

  /** Another one each time that partitions come or go. */
  get turn(): object {
    return this.#turn;
  }

  /** Lets go of all partitions. */
  drop(): void {
    this.#turn = {};
    for (const { lane } of this.#shares.values()) lane.close();
    this.#shares = new Map();
  }

  /**
   * Takes records of a partition. Resolves when there is room for more, or its fetching has been paused until there is.
   * @throws (as a rejection) TRQ_INTERNAL for a partition that is not ours: its records would be passed over.
   */
  async put(topic: string, partition: number, records: Records<number>, end: number): Promise<void> {
    const key = keyOf(topic, partition);
    const share = this.#shares.get(key);
    if (share === undefined) {
      throw new TranquilityError(
        'TRQ_INTERNAL',
        `There are records of ${topic}, partition ${partition}, which is not ours.`,
      );
    }
    const { lane } = share;
    share.end = end;
    lane.push(records);
    if (lane.isFull) await roomWithin(lane, patience);
    if (!lane.isFull || lane.stopped !== undefined || this.#shares.get(key) !== share) return;
    // In one go, or the room that is made meanwhile would be told before there is a pause to end.
    share.isWaiting = true;
    this.#options.pause(topic, partition);
  }

  /** Notes where the log of a partition ends of which nothing comes at present. */
  grown(topic: string, partition: number, end: number): void {
    const share = this.#shares.get(keyOf(topic, partition));
    if (share !== undefined) share.end = end;
  }

  /** Resolves when every record that was taken has its outcome, or the signal aborts. @returns whether all have. */
  async drained(signal: AbortSignal): Promise<boolean> {
    await Promise.all(this.#lanes.map((lane) => lane.drained(signal)));
    return this.#lanes.every(({ isDone }) => isDone);
  }

  /**
   * Sends nothing more to where events are staged, until `release`. Resolves when nothing of that is under way, or the signal aborts.
   * @returns the partitions of which something is. If there are none, exactly what lies before the places that `moved` gives was sent.
   */
  async quiet(signal: AbortSignal): Promise<readonly string[]> {
    const shares = [...this.#shares.values()].filter(({ lane }) => lane.isStaged);
    const areQuiet = await Promise.all(shares.map(({ lane }) => lane.quiet(signal)));
    return shares.flatMap(({ topic, partition }, at) =>
      areQuiet[at] === true ? [] : [`${topic}, partition ${partition}`],
    );
  }

  /** Whether nothing is under way to where events are staged, be it known only since `quiet` that they are. */
  get areQuiet(): boolean {
    return this.#lanes.every(({ isStaged, isQuiet }) => !isStaged || isQuiet);
  }

  /** Whether every record that was taken has its outcome, and that is committed. */
  get areCommitted(): boolean {
    return this.#lanes.every(({ isDone }) => isDone) && this.moved().length === 0;
  }

  /** Goes on after `quiet`. */
  release(): void {
    for (const { lane } of this.#shares.values()) lane.release();
  }

  /**
   * The places that have moved since they were committed.
   * @param which of all partitions, of those whose events are staged or may be, or of the others. Default: all.
   */
  moved(which: 'all' | 'staged' | 'others' = 'all'): Assigned[] {
    return [...this.#shares.values()].flatMap(({ topic, partition, lane, committed }) => {
      const { settled, mayBeStaged } = lane;
      if (settled === undefined || settled === committed) return [];
      return which === 'all' || mayBeStaged === (which === 'staged') ? [{ topic, partition, offset: settled }] : [];
    });
  }

  /** Notes that these places are committed. */
  committed(positions: readonly Assigned[]): void {
    for (const { topic, partition, offset } of positions) {
      const share = this.#shares.get(keyOf(topic, partition));
      if (share !== undefined) share.committed = offset;
    }
  }

  get #lanes(): readonly Lane<number>[] {
    return [...this.#shares.values()].map(({ lane }) => lane);
  }

  async #share({ topic, partition, offset, end = offset }: Assigned): Promise<Share> {
    const { routes, destinations, letters, maxWaitingBytes, onStopped, onFatal } = this.#options;
    const route = routes.of(topic);
    if (route === undefined) throw new TranquilityError('TRQ_INTERNAL', `The topic ${topic} has no dataSource.`);
    const place = { stream: topic, partition: String(partition) };
    const destination = await destinations.of(place, route);
    const lane = new Lane<number>({
      ...place,
      destination,
      tally: this.#tallyOf(topic),
      letters,
      maxWaitingBytes,
      onRoom: () => {
        if (!share.isWaiting) return;
        share.isWaiting = false;
        this.#options.resume(topic, partition);
      },
      onStopped,
      onFatal,
    });
    const share: Share = {
      ...{ topic, partition, offset, lane },
      ...{ dataSource: destination.dataSource, committed: offset, end, isWaiting: false },
    };
    return share;
  }

  #tallyOf(topic: string): StreamTally {
    let tally = this.#tallies.get(topic);
    if (tally === undefined) {
      tally = new StreamTally();
      this.#tallies.set(topic, tally);
    }
    return tally;
  }
}

async function roomWithin(lane: Lane<number>, millis: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, millis);
  });
  await Promise.race([lane.room(), tooLong]);
  clearTimeout(timer);
}

const keyOf = (topic: string, partition: number): string => `${topic}/${partition}`;

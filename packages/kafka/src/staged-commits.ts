import { foreignStage } from '@tranquility-js/connect';
import type { Staging } from '@tranquility-js/core';
import type { KafkaSource } from './source/kafka-source.js';
import type { Assigned } from './source/source.js';

export interface StagedCommitsOptions {
  readonly source: Pick<KafkaSource, 'commit' | 'notes'>;
  /** Of all journals that are written to, as far as they are known. */
  readonly stagings: () => ReadonlySet<Staging>;
}

/** A commit whose fate is not known. */
interface Open {
  readonly positions: readonly Assigned[];
  readonly staged: readonly Staging[];
  /** Whether it may still be tried: what was ours may be another's by now, who has read on. */
  readonly isStillOurs: () => boolean;
}

/**
 * Shows events to Druid where it pulls, and commits their places, such that both happen or neither does, whatever crashes in between:
 * what was not committed, and so is read again, is taken away.
 */
export class StagedCommits {
  readonly #options: StagedCommitsOptions;
  #open: Open | undefined;

  constructor(options: StagedCommitsOptions) {
    this.#options = options;
  }

  /** Whether any events are staged. */
  get isNeeded(): boolean {
    return this.#options.stagings().size > 0;
  }

  /**
   * Commits places, with all that was sent from before them. Nothing may be under way.
   * @param positions asked for when the commits before are done.
   * @param isStillOurs whether the partitions are ours as they were when nothing was under way any more.
   * @returns whether they are committed.
   * @throws (as a rejection) TRQ_JOURNAL_FAILED
   */
  async commit(positions: readonly Assigned[], isStillOurs: () => boolean): Promise<boolean> {
    const token = JSON.stringify(positions.map(({ topic, partition, offset }) => [topic, partition, offset]));
    const staged: Staging[] = [];
    for (const staging of this.#options.stagings()) if (await staging.stage(token)) staged.push(staging);
    this.#open = { positions, staged, isStillOurs };
    return this.finish();
  }

  /**
   * Tries a commit again whose fate is not known, unless partitions have gone since: then `settle` decides.
   * @returns whether there is none any more.
   * @throws (as a rejection) TRQ_JOURNAL_FAILED
   */
  async finish(): Promise<boolean> {
    if (this.#open === undefined) return true;
    const { positions, staged, isStillOurs } = this.#open;
    if (!isStillOurs()) return false;
    const ids = staged.map(({ id }) => id);
    if (!(await this.#options.source.commit(positions, ids))) return false;
    for (const staging of staged) await staging.show();
    this.#open = undefined;
    return true;
  }

  /**
   * Before partitions are read, and when nothing is under way: shows what was committed, by what the group says now, and takes away the rest.
   * @throws (as a rejection) TRQ_KAFKA_UNREACHABLE, TRQ_KAFKA_REFUSED, TRQ_JOURNAL_FAILED
   */
  async settle(): Promise<void> {
    const open = this.#open;
    for (const staging of open?.staged ?? []) {
      if (await this.#isCommitted(staging, open?.positions ?? [])) await staging.show();
    }
    this.#open = undefined;
    await this.decide();
    for (const staging of this.#options.stagings()) await staging.drop();
  }

  /**
   * Decides what a process before has left undecided. Until then nothing is taken by these journals.
   * @throws (as a rejection) TRQ_KAFKA_UNREACHABLE, TRQ_KAFKA_REFUSED, TRQ_JOURNAL_FAILED; TRQ_JOURNAL_STAGED where another connector has
   * left it.
   */
  async decide(): Promise<void> {
    for (const staging of this.#options.stagings()) {
      const { undecided } = staging;
      if (undecided === undefined) continue;
      if (await this.#isCommitted(staging, positionsIn(undecided))) await staging.show();
      else await staging.drop();
    }
  }

  /**
   * Kafka may take a commit in part, where one topic refuses it: what it took is read no more, so all is kept. So it is where the group
   * knows none of the partitions any more, as nobody reads them again.
   */
  async #isCommitted({ id }: Staging, positions: readonly Assigned[]): Promise<boolean> {
    const notesOf = await this.#options.source.notes();
    const known = positions.flatMap(({ topic, partition, offset }) => {
      const notes = notesOf(topic, partition);
      return notes === undefined ? [] : [notes.of(id) === String(offset)];
    });
    return known.length === 0 || known.some((isCommitted) => isCommitted);
  }
}

/** @throws TRQ_JOURNAL_STAGED */
function positionsIn(token: string): Assigned[] {
  const positions: unknown = JSON.parse(token);
  if (!Array.isArray(positions)) throw foreignStage(token);
  return (positions as [string, number, number][]).map(([topic, partition, offset]) => ({ topic, partition, offset }));
}

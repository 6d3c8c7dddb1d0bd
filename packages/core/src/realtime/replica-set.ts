import type { Patience } from '../druid/overlord-client.js';
import type { PushBody } from '../druid/task-client.js';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import type { Replica } from './replica.js';
import { replicaLags, taskGone } from './task-errors.js';

type Result = { readonly unreadable: string | undefined } | { readonly error: unknown };

/**
 * The tasks that hold copies of the same rows. Rows are in when every task that lives has them; a task that misses rows
 * which another has is ended, since it might otherwise be the one that publishes.
 */
export class ReplicaSet {
  readonly #replicas: readonly Replica[];

  constructor(replicas: readonly Replica[]) {
    this.#replicas = replicas;
  }

  /** Why the set takes no more rows: the fate of its last task. `undefined` as long as one lives. */
  get gone(): TranquilityError | undefined {
    let last: TranquilityError | undefined;
    for (const { gone } of this.#replicas) {
      if (gone === undefined) return undefined;
      last = gone;
    }
    return last;
  }

  /** Whether a task of the set ended well, so that it has published what it took. */
  get hasPublished(): boolean {
    return this.#replicas.some(({ gone }) => gone !== undefined && hasEndedWell(gone));
  }

  /** How many rows it has acknowledged. */
  get rows(): number {
    return Math.max(...this.#replicas.map(({ rows }) => rows));
  }

  /** Waits until every task that lives takes rows. */
  async ready(patience: Patience): Promise<void> {
    await Promise.allSettled(this.#replicas.map((replica) => replica.ready(patience)));
  }

  /**
   * Pushes rows to every task that lives.
   * @param patience how long to try where no task has the rows yet.
   * @param lag how long, in milliseconds, the others may take once one has them.
   * @returns why one of the rows cannot be read, in which case no task has any; or `undefined` when they are in.
   * @throws the signal's reason where it aborts before every task that lives has the rows; some may have them then. Otherwise what
   * {@link Replica.push} throws, when none has them.
   */
  async push(body: PushBody, count: number, patience: Patience, lag: number): Promise<string | undefined> {
    const live = this.#replicas.filter(({ gone }) => gone === undefined);
    const [only] = live;
    if (only === undefined) throw this.gone ?? taskGone('of no replica', 'FAILED');
    if (live.length === 1) return only.push(body, count, patience);

    const { clock, signal } = patience;
    let { deadline } = patience;
    const shared: Patience = {
      clock,
      ...(signal === undefined ? {} : { signal }),
      get deadline() {
        return deadline;
      },
    };
    const results = await Promise.all(
      live.map(async (replica): Promise<Result> => {
        try {
          const unreadable = await replica.push(body, count, shared);
          if (unreadable === undefined) deadline = Math.min(deadline, clock.now() + lag);
          return { unreadable };
        } catch (error) {
          return { error };
        }
      }),
    );
    return this.#judge(live, results, patience);
  }

  async #judge(
    live: readonly Replica[],
    results: readonly Result[],
    { signal }: Patience,
  ): Promise<string | undefined> {
    // An acknowledgement of a task that has failed since is worth nothing.
    const holds = live.map(({ gone }, index) => isIn(results[index]) && (gone === undefined || hasEndedWell(gone)));
    if (holds.some((isHeld) => isHeld)) {
      const behind = live.filter(({ gone }, index) => !isIn(results[index]) && gone === undefined);
      // Who was cut off is not behind by its own fault, and lives on: the rows come again, to all.
      if (behind.length > 0) signal?.throwIfAborted();
      await Promise.all(behind.map((replica) => replica.giveUp(replicaLags(replica.id))));
      return undefined;
    }
    const unreadable = results.find((result) => 'unreadable' in result && result.unreadable !== undefined);
    if (unreadable !== undefined && 'unreadable' in unreadable) return unreadable.unreadable;
    const errors = results.flatMap((result) => ('error' in result ? [result.error] : []));
    const passing = errors.find((error) => !(error instanceof TranquilityError && error.code === 'TRQ_TASK_GONE'));
    throw asError(passing ?? errors[0] ?? this.gone);
  }
}

function isIn(result: Result | undefined): boolean {
  return result !== undefined && 'unreadable' in result && result.unreadable === undefined;
}

function hasEndedWell(gone: TranquilityError): boolean {
  return gone.details['state'] === 'SUCCESS';
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(messageOf(thrown));
}

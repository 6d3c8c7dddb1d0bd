import { TranquilityError } from '../errors/tranquility-error.js';
import type { OverlordClient, Patience } from '../druid/overlord-client.js';
import { oldestWithoutRealtimeTasks, supportsRealtimeTasks } from '../druid/version.js';
import type { JsonObject } from '../spec/json.js';

/** A task that exists now, and who made it. */
export interface ClaimedTask {
  readonly id: string;
  readonly created: boolean;
  /** What the overlord has under the id: our task, or the one that was there before. */
  readonly task: JsonObject;
}

/**
 * Decides through the overlord alone which tasks exist: ids follow from the dataSource and the bucket, and the overlord
 * takes each id once, so that any number of instances agree without talking to each other.
 */
export class OverlordCoordination {
  readonly #overlord: OverlordClient;
  #checked = false;

  constructor(overlord: OverlordClient) {
    this.#overlord = overlord;
  }

  /**
   * Finds the leading overlord and makes sure that it knows realtime tasks.
   * @throws TRQ_OVERLORD_UNREACHABLE, TRQ_DRUID_UNSUPPORTED.
   */
  async connect(patience: Patience): Promise<void> {
    if (this.#checked) return;
    const version = await this.#overlord.version(patience);
    if (version !== undefined && !supportsRealtimeTasks(version)) {
      throw new TranquilityError(
        'TRQ_DRUID_UNSUPPORTED',
        `This is Druid ${version}. Druid ${oldestWithoutRealtimeTasks} and later have no realtime tasks to push to; this release needs Druid 30 or older.`,
        { details: { version } },
      );
    }
    this.#checked = true;
  }

  /**
   * Makes sure that the task exists: submits it, or takes over the one that has its id.
   * @throws TRQ_OVERLORD_UNREACHABLE, TRQ_OVERLORD_REFUSED, TRQ_DRUID_UNSUPPORTED.
   */
  async claim(task: JsonObject & { readonly id: string }, patience: Patience): Promise<ClaimedTask> {
    await this.connect(patience);
    const { id } = task;
    if (await this.#overlord.submit(task, patience)) return { id, created: true, task };
    return { id, created: false, task: (await this.#overlord.payload(id, patience)) ?? task };
  }
}

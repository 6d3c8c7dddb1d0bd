import { TranquilityError } from '../errors/tranquility-error.js';
import type { OverlordClient, Patience } from '../druid/overlord-client.js';
import { oldestWithoutRealtimeTasks, supportsRealtimeTasks } from '../druid/version.js';
import type { ClaimedPartition, ClaimedTask, ClaimRequest, Coordination, TaskJson } from './coordination.js';

/**
 * Decides through the overlord alone which tasks exist: ids follow from the dataSource and the bucket, and the overlord
 * takes each id once, so that any number of instances agree without talking to each other.
 */
export class OverlordCoordination implements Coordination {
  readonly #overlord: OverlordClient;
  #checked = false;

  constructor(overlord: OverlordClient) {
    this.#overlord = overlord;
  }

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

  async claim(request: ClaimRequest, patience: Patience): Promise<readonly ClaimedPartition[]> {
    await this.connect(patience);
    const claims = numbers(request.partitions).map(async (partition) => {
      const tasks = numbers(request.replicants).map((replicant) => request.taskFor(partition, replicant));
      return { partition, tasks: await this.replace(tasks, patience) };
    });
    return Promise.all(claims);
  }

  async replace(tasks: readonly TaskJson[], patience: Patience): Promise<readonly ClaimedTask[]> {
    return Promise.all(tasks.map((task) => this.#claimTask(task, patience)));
  }

  async #claimTask(task: TaskJson, patience: Patience): Promise<ClaimedTask> {
    const { id } = task;
    if (await this.#overlord.submit(task, patience)) return { id, created: true, task };
    return { id, created: false, task: (await this.#overlord.payload(id, patience)) ?? task };
  }
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

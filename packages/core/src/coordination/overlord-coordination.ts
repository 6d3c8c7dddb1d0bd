import type { OverlordClient, Patience } from '../druid/overlord-client.js';
import type { ClaimedPartition, ClaimedTask, ClaimRequest, Coordination, TaskJson } from './coordination.js';
import { requireRealtimeTasks } from './require-realtime-tasks.js';
import { submitPartition, submitTasks } from './submit-partition.js';

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
    await requireRealtimeTasks(this.#overlord, patience);
    this.#checked = true;
  }

  async claim(request: ClaimRequest, patience: Patience): Promise<readonly ClaimedPartition[]> {
    await this.connect(patience);
    const claimed: ClaimedPartition[] = [];
    // One after another, so that with too few workers the first partitions are whole.
    for (let partition = 0; partition < request.partitions; partition++) {
      claimed.push(await submitPartition(this.#overlord, request, partition, patience));
    }
    return claimed;
  }

  replace(tasks: readonly TaskJson[], patience: Patience): Promise<readonly ClaimedTask[]> {
    return submitTasks(this.#overlord, tasks, patience);
  }
}

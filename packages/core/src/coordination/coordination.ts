import type { Patience } from '../druid/overlord-client.js';
import type { JsonObject } from '../spec/json.js';
import type { Bucket } from '../time/bucketer.js';

/** A task as it would be submitted. */
export type TaskJson = JsonObject & { readonly id: string };

/** Asks for the tasks of a bucket: so many partitions, each with so many replicants. */
export interface ClaimRequest {
  readonly bucket: Bucket;
  readonly partitions: number;
  readonly replicants: number;
  /** The task for a place in that grid, should it have to be created. */
  readonly taskFor: (partition: number, replicant: number) => TaskJson;
}

/** A task that exists. */
export interface ClaimedTask {
  readonly id: string;
  /** Whether it was created just now. */
  readonly created: boolean;
  /** What the overlord has under the id: our task, or the one that was there before. */
  readonly task: JsonObject;
}

/** The tasks that hold copies of the same rows. */
export interface ClaimedPartition {
  readonly partition: number;
  readonly tasks: readonly ClaimedTask[];
}

/** Decides, among any number of instances, which tasks exist for a bucket. */
export interface Coordination {
  /**
   * Makes sure that there is a Druid that can serve us.
   * @throws TRQ_OVERLORD_UNREACHABLE, TRQ_OVERLORD_REFUSED, TRQ_DRUID_UNSUPPORTED.
   */
  connect(patience: Patience): Promise<void>;
  /**
   * Makes sure that the tasks of a bucket exist: creates them, or takes over those that are there.
   * @returns the partitions in order; there may be more or fewer than asked for, when another instance made them.
   * @throws TRQ_OVERLORD_UNREACHABLE, TRQ_OVERLORD_REFUSED, TRQ_DRUID_UNSUPPORTED.
   */
  claim(request: ClaimRequest, patience: Patience): Promise<readonly ClaimedPartition[]>;
  /**
   * Creates tasks in place of some that have failed, or takes over those that another instance made. Absent where others would
   * not find them.
   */
  replace?(tasks: readonly TaskJson[], patience: Patience): Promise<readonly ClaimedTask[]>;
}

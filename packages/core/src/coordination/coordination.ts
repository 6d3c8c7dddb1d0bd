import type { Patience } from '../druid/overlord-client.js';
import type { JsonObject } from '../spec/json.js';
import type { Bucket } from '../time/bucketer.js';

/** A task as the overlord takes it. */
export type TaskJson = JsonObject & { readonly id: string };

/** The tasks that a bucket shall have. */
export interface ClaimRequest {
  readonly bucket: Bucket;
  readonly partitions: number;
  /** Copies of each partition. */
  readonly replicants: number;
  /** The task for a place among them. It is only made where none is known. */
  readonly taskFor: (partition: number, replicant: number) => TaskJson;
}

/** A task that exists, or did. */
export interface ClaimedTask {
  readonly id: string;
  /** The name under which it takes events: `firehose:druid:overlord:flights-010-0000-0000`. */
  readonly serviceName: string;
  /** What the overlord has under the id; absent when it no longer knows it. */
  readonly payload?: JsonObject;
  /** Whether we made it just now. */
  readonly created: boolean;
}

/** One partition of a bucket, and its copies. */
export interface ClaimedPartition {
  readonly partition: number;
  readonly tasks: readonly ClaimedTask[];
}

/** Decides which tasks exist, so that all instances that write to a dataSource share one set. */
export interface Coordination {
  /**
   * Makes sure that all that is needed is there.
   * @throws TRQ_OVERLORD_UNREACHABLE, TRQ_DRUID_UNSUPPORTED, and with ZooKeeper its errors.
   */
  connect(patience: Patience): Promise<void>;
  /**
   * Finds the tasks of a bucket, and creates those that are missing. There may be more or fewer partitions than asked for, when
   * another instance has created them.
   * @throws TRQ_OVERLORD_UNREACHABLE, TRQ_OVERLORD_REFUSED, TRQ_DRUID_UNSUPPORTED, TRQ_TASK_CONFLICT, TRQ_TASK_GONE, and with
   * ZooKeeper its errors.
   */
  claim(request: ClaimRequest, patience: Patience): Promise<readonly ClaimedPartition[]>;
  /**
   * Creates tasks in place of some that have failed, or takes over those that another instance made. Absent where others would
   * not find them.
   */
  replace?(tasks: readonly TaskJson[], patience: Patience): Promise<readonly ClaimedTask[]>;
}

import type { OverlordClient, Patience } from '../druid/overlord-client.js';
import { taskConflict } from '../druid/task-conflict.js';
import { TranquilityError } from '../errors/tranquility-error.js';
import type { Logger } from '../observe/logger.js';
import type { JsonObject } from '../spec/json.js';
import type { Granularity } from '../time/granularity.js';
import type { Period } from '../time/period.js';
import { retry } from '../transport/retry.js';
import { ZooKeeperLock } from '../zookeeper/lock.js';
import type { RequestOptions } from '../zookeeper/request.js';
import type { ZooKeeperClient } from '../zookeeper/zookeeper-client.js';
import { partitionEntry, tasksOfEntry, type TaskName } from './beam-state.js';
import { judge, withPartitions } from './bucket-rule.js';
import type { ClaimedPartition, ClaimedTask, ClaimRequest, Coordination } from './coordination.js';
import { requireRealtimeTasks } from './require-realtime-tasks.js';
import { StateNode } from './state-node.js';
import { submitPartition } from './submit-partition.js';

export interface ZooKeeperCoordinationOptions {
  /** Closed with the coordination. */
  readonly client: ZooKeeperClient;
  readonly overlord: OverlordClient;
  /** The dataSource's node: `/tranquility/beams/druid:overlord/flights`. */
  readonly path: string;
  /** What stands before the firehose id in a task's service name: `firehose:druid:overlord:`. */
  readonly servicePrefix: string;
  readonly granularity: Granularity;
  readonly window: Period;
  readonly logger: Logger;
}

/** How long the lock may be held, in milliseconds: others wait, and an overlord in trouble shall not stop them all. */
const longestHold = 20_000;
const leastWait = 1_000;
const mostWrites = 5;

/** What became known of tasks while a claim was on its way. */
type Submitted = Map<string, ClaimedTask>;

/**
 * Decides which tasks exist through the state that Tranquility 0.8 keeps in ZooKeeper, by its rules and under its lock, so
 * that both can write to a dataSource together. Unlike there, a write is refused when somebody else has written meanwhile, and
 * tasks that were submitted before a failure are found again, as the overlord takes each id once.
 */
export class ZooKeeperCoordination implements Coordination {
  readonly #options: ZooKeeperCoordinationOptions;
  readonly #state: StateNode;
  readonly #lock: ZooKeeperLock;
  #checked = false;

  constructor(options: ZooKeeperCoordinationOptions) {
    const { client, path } = options;
    this.#options = options;
    this.#state = new StateNode(client, `${path}/data`);
    this.#lock = new ZooKeeperLock(client, `${path}/mutex`);
  }

  async connect(patience: Patience): Promise<void> {
    if (this.#checked) return;
    await this.#options.client.session(within(patience));
    await requireRealtimeTasks(this.#options.overlord, patience);
    this.#checked = true;
  }

  async claim(request: ClaimRequest, patience: Patience): Promise<readonly ClaimedPartition[]> {
    await this.connect(patience);
    const submitted: Submitted = new Map();
    const attempt = async (): Promise<readonly JsonObject[]> => {
      return (await this.#stored(request, patience)) ?? (await this.#underLock(request, patience, submitted));
    };
    const entries = await retry(attempt, patience);
    return Promise.all(
      entries.map(async (entry, partition) => {
        const names = tasksOfEntry(entry, this.#state.path);
        return { partition, tasks: await Promise.all(names.map((name) => this.#taskOf(name, submitted, patience))) };
      }),
    );
  }

  /** The entries of a bucket that is complete. It stays so, so that no lock is needed to read it. */
  async #stored({ bucket, partitions }: ClaimRequest, patience: Patience): Promise<readonly JsonObject[] | undefined> {
    const { state } = await this.#state.read(within(patience));
    return judge(state, bucket, partitions) === 'complete' ? state.beams.get(bucket.start) : undefined;
  }

  async #underLock(request: ClaimRequest, patience: Patience, submitted: Submitted): Promise<readonly JsonObject[]> {
    const { clock, deadline, signal } = patience;
    const held = await this.#lock.acquire(Math.max(leastWait, deadline - clock.now()), signal);
    try {
      const hold: Patience = {
        ...patience,
        deadline: Math.min(deadline, clock.now() + longestHold),
        signal: signal === undefined ? held.signal : AbortSignal.any([held.signal, signal]),
      };
      return await this.#complete(request, hold, submitted);
    } finally {
      await held.release();
    }
  }

  async #complete(request: ClaimRequest, patience: Patience, submitted: Submitted): Promise<readonly JsonObject[]> {
    const { granularity, window, logger } = this.#options;
    const { bucket, partitions } = request;
    for (let writes = 1; ; writes++) {
      const { state, version } = await this.#state.readLatest(within(patience));
      const stored = state.beams.get(bucket.start) ?? [];
      const verdict = judge(state, bucket, partitions);
      if (verdict === 'complete') return stored;
      if (verdict === 'closed') throw this.#closed(bucket.start, state.latestCloseTime);
      const added: JsonObject[] = [];
      for (let partition = stored.length; partition < partitions; partition++) {
        added.push(partitionEntry(bucket, partition, await this.#submit(request, partition, patience, submitted)));
      }
      const next = withPartitions(state, bucket, added, { now: patience.clock.now(), granularity, window });
      const failure = await this.#state.write(next, version, within(patience));
      if (failure === undefined) return next.beams.get(bucket.start) ?? [];
      if (writes === mostWrites) throw failure;
      logger.warn(`Reading the state at ${this.#state.path} again: ${failure.message}`);
    }
  }

  async #submit(
    request: ClaimRequest,
    partition: number,
    patience: Patience,
    submitted: Submitted,
  ): Promise<readonly TaskName[]> {
    const { overlord, servicePrefix } = this.#options;
    const { tasks } = await submitPartition(overlord, request, partition, patience);
    return tasks.map((task) => {
      const { id, serviceName } = task;
      if (!serviceName.startsWith(servicePrefix)) {
        throw taskConflict(id, `its service is ${JSON.stringify(serviceName)}, and not ${servicePrefix}…`);
      }
      const before = submitted.get(id);
      submitted.set(id, { ...task, created: task.created || before?.created === true });
      return { id, firehoseId: serviceName.slice(servicePrefix.length) };
    });
  }

  async #taskOf({ id, firehoseId }: TaskName, submitted: Submitted, patience: Patience): Promise<ClaimedTask> {
    const known = submitted.get(id);
    if (known !== undefined) return known;
    const payload = await this.#options.overlord.payload(id, patience);
    const serviceName = this.#options.servicePrefix + firehoseId;
    return { id, serviceName, created: false, ...(payload === undefined ? {} : { payload }) };
  }

  #closed(start: number, latestCloseTime: number): TranquilityError {
    const [bucket, closed] = [start, latestCloseTime].map((millis) => new Date(millis).toISOString());
    return new TranquilityError(
      'TRQ_TASK_GONE',
      `The segment of ${bucket} gets no tasks any more: an instance has closed all up to ${closed}, says ${this.#state.path} in ZooKeeper. Events of later segments can be delivered.`,
      { details: { path: this.#state.path } },
    );
  }
}

function within({ clock, deadline, signal }: Patience): RequestOptions {
  return { timeout: Math.max(leastWait, deadline - clock.now()), signal };
}

import type { PeriodValue } from '../config/property-kinds.js';
import type { ClaimedTask, TaskJson } from '../coordination/coordination.js';
import type { Patience } from '../druid/overlord-client.js';
import { taskConflict } from '../druid/task-conflict.js';
import { TranquilityError } from '../errors/tranquility-error.js';
import type { Bucket } from '../time/bucketer.js';
import { addPeriod, parsePeriod } from '../time/period.js';
import { joined, type SharedWork } from './joined.js';
import { firehoseId, firehoseService, iso } from './names.js';
import { PartitionDestination } from './partition-destination.js';
import { Replica } from './replica.js';
import { ReplicaSet } from './replica-set.js';
import type { TaskContext } from './task-context.js';
import { readExistingTask, taskJson, type ExistingTask } from './task-json.js';

/** The replicas of one partition, and how rows must be written for them. */
export interface OpenPartition {
  readonly replicas: ReplicaSet;
  /** The column that must hold epoch milliseconds, if the tasks do not read our own timestamps. */
  readonly millisColumn?: string;
  /** How many times the tasks were replaced. */
  readonly generation: number;
}

const leastPatience = 60_000;
const mostGenerations = 3;

/** The tasks of one bucket: created with its first rows or ahead of them, fed until its window has closed. */
export class BucketTasks {
  readonly name: string;
  readonly bucket: Bucket;
  /** When the tasks stop to take events, epoch milliseconds. */
  readonly shutoff: number;
  /** One for each partition that we ask for. */
  readonly destinations: readonly PartitionDestination[];
  readonly #context: TaskContext;
  readonly #windowCloses: number;
  readonly #replacements = new Map<number, Promise<OpenPartition>>();
  readonly #mourned = new Map<ReplicaSet, number>();
  #opening: Promise<readonly OpenPartition[]> | undefined;

  constructor(context: TaskContext, bucket: Bucket) {
    const { spec, properties } = context;
    this.#context = context;
    this.bucket = bucket;
    this.name = `${spec.dataSource} ${iso(bucket.start)}`;
    this.#windowCloses = addPeriod(bucket.end, parsePeriod(spec.windowPeriod));
    this.shutoff = addPeriod(this.#windowCloses, parsePeriod(properties['druidBeam.firehoseGracePeriod'].text));
    this.destinations = Array.from(
      { length: properties['task.partitions'] },
      (_, index) => new PartitionDestination(context, this, index),
    );
  }

  /** Creates the tasks, or takes over those that are there, and waits until they take rows. */
  async warm(signal: AbortSignal): Promise<void> {
    const patience = this.indexPatience(signal);
    const partitions = await this.#open(patience);
    await Promise.all(partitions.map(({ replicas }) => replicas.ready(patience)));
  }

  /**
   * The partition that takes the rows of ours of this index; others may have made more or fewer than we would.
   * @throws what {@link Coordination.claim} throws; TRQ_TASK_CONFLICT; TRQ_TASK_GONE.
   */
  async partition(index: number, signal: AbortSignal): Promise<OpenPartition> {
    const patience = this.indexPatience(signal);
    const partitions = await this.#open(patience);
    const number = index % partitions.length;
    for (;;) {
      const replacement = this.#replacements.get(number);
      const partition = await joined(() => this.#current(number, partitions), patience);
      if (partition === undefined) throw new TranquilityError('TRQ_INTERNAL', `${this.name} has no partitions`);
      const { gone } = partition.replicas;
      if (gone === undefined) return partition;
      if (this.#replacements.get(number) === replacement) this.#replace(number, partition, gone, patience);
    }
  }

  /** How long to try what goes through the overlord. */
  indexPatience(signal: AbortSignal): Patience {
    return this.patience(this.#context.properties['druidBeam.indexRetryPeriod'], signal);
  }

  /** A period that the user gave counts from now; otherwise an event is tried until its window closes. */
  patience(given: PeriodValue | undefined, signal: AbortSignal): Patience {
    const { clock } = this.#context;
    const now = clock.now();
    const wish = given === undefined ? Math.max(this.#windowCloses, now + leastPatience) : now + given.millis;
    return { clock, deadline: Math.min(wish, this.shutoff), signal };
  }

  #open(patience: Patience): Promise<readonly OpenPartition[]> {
    return joined(() => {
      const isOurs = this.#opening === undefined;
      this.#opening ??= this.#claim(patience).catch((error: unknown) => {
        this.#opening = undefined;
        throw error;
      });
      return { work: this.#opening, isOurs };
    }, patience);
  }

  #current(number: number, partitions: readonly OpenPartition[]): SharedWork<OpenPartition | undefined> {
    const work = this.#replacements.get(number) ?? Promise.resolve(partitions[number]);
    return { work, isOurs: false };
  }

  async #claim(patience: Patience): Promise<OpenPartition[]> {
    const { coordination, properties } = this.#context;
    const request = {
      bucket: this.bucket,
      partitions: properties['task.partitions'],
      replicants: properties['task.replicants'],
      taskFor: (partition: number, replicant: number) => this.#task(partition, replicant, 0),
    };
    const claimed = await coordination.claim(request, patience);
    return claimed.map(({ partition, tasks }) => this.#opened(partition, tasks, 0));
  }

  #opened(partition: number, tasks: readonly ClaimedTask[], generation: number): OpenPartition {
    const existing = tasks.map((claimed, replicant) =>
      this.#look(claimed, this.#task(partition, replicant, generation)),
    );
    const replicas = existing.map(({ id, serviceName }) => new Replica(this.#context, id, serviceName));
    const millisColumn = existing.map((task) => this.#millisColumn(task)).find((column) => column !== undefined);
    return { generation, replicas: new ReplicaSet(replicas), ...(millisColumn === undefined ? {} : { millisColumn }) };
  }

  /** Makes sure that a task that exists can take our rows. */
  #look({ id, serviceName, created, payload }: ClaimedTask, ours: TaskJson): ExistingTask & { readonly id: string } {
    const { counters, logger } = this.#context;
    counters[created ? 'tasksCreated' : 'tasksAdopted']++;
    logger.info(`${created ? 'Created' : 'Took over'} the task ${id}`, { taskId: id });
    const existing = readExistingTask(payload ?? ours, ours);
    if (typeof existing === 'string') throw taskConflict(id, existing);
    if (existing.differs) {
      logger.warn(`The task ${id} was created with other columns; ours take effect with the next segment`, {
        taskId: id,
      });
    }
    return { ...existing, id, serviceName };
  }

  #millisColumn({
    id,
    timestampColumn,
    timestampFormat: format,
  }: ExistingTask & { readonly id: string }): string | undefined {
    const { spec, timestampFormat } = this.#context;
    const isOurs =
      timestampColumn === spec.timestampSpec.column && format.toLowerCase() === timestampFormat.toLowerCase();
    if (isOurs) return undefined;
    if (/^(auto|iso|millis)$/i.test(format)) return timestampColumn;
    throw taskConflict(id, `it reads timestamps as ${JSON.stringify(format)}`);
  }

  /**
   * New tasks for a partition whose tasks have all failed. What those held was never published, as that begins when the window
   * has closed, so the new ones hide nothing. Where a task may have published, there is no replacement.
   */
  #replace(number: number, lost: OpenPartition, gone: TranquilityError, patience: Patience): void {
    const { clock, coordination, logger, properties } = this.#context;
    this.#mourn(lost.replicas);
    const generation = lost.generation + 1;
    const hidesNothing = !lost.replicas.hasPublished && clock.now() < this.#windowCloses;
    if (coordination.replace === undefined || !hidesNothing || generation > mostGenerations) throw gone;
    logger.warn(`Replacing the tasks of ${this.name}, partition ${number}: all have failed`, gone.details);
    const tasks = Array.from({ length: properties['task.replicants'] }, (_, replicant) =>
      this.#task(number, replicant, generation),
    );
    const replacement = coordination
      .replace(tasks, patience)
      .then((claimed) => this.#opened(number, claimed, generation));
    this.#replacements.set(number, replacement);
    replacement.catch(() => this.#replacements.delete(number));
  }

  /** Counts the rows that were acknowledged by tasks which have all failed, those that came in meanwhile too. */
  #mourn(replicas: ReplicaSet): void {
    if (replicas.hasPublished) return;
    this.#context.counters.lost += replicas.rows - (this.#mourned.get(replicas) ?? 0);
    this.#mourned.set(replicas, replicas.rows);
  }

  #task(partition: number, replicant: number, generation: number): TaskJson {
    const { spec, properties, timestampFormat } = this.#context;
    const slot = { dataSource: spec.dataSource, start: this.bucket.start, partition, replicant, generation };
    const firehose = firehoseId(slot, spec.segmentGranularity);
    return taskJson(spec, {
      slot,
      bucket: this.bucket,
      shutoff: this.shutoff,
      serviceName: firehoseService(properties['druid.selectors.indexing.serviceName'], firehose),
      bufferSize: properties['druidBeam.firehoseBufferSize'],
      timestampFormat,
    });
  }
}

import { createHash } from 'node:crypto';
import type { Agenda } from '../clock/agenda.js';
import type { JsonObject } from '../json.js';
import type { Overlord } from '../overlord/overlord.js';
import { Task } from '../overlord/task.js';
import type { Random } from '../random.js';
import { lookAtStream, type StreamView } from './look-at-stream.js';
import type { Offsets, OffsetStore } from './offset-store.js';
import { StreamTask } from './stream-task.js';
import { StreamFault, SupervisorHealth } from './supervisor-health.js';
import type { SupervisorSpec } from './supervisor-spec.js';
import { TaskGroup } from './task-group.js';

/** What a supervisor has around it. */
export interface SupervisorAround {
  readonly overlord: Overlord;
  readonly agenda: Agenda;
  readonly random: Random;
  readonly offsets: OffsetStore;
  /** Groups of the dataSource that publish, or that shall; the oldest first. They outlive the supervisor that made them. */
  readonly publishing: Set<TaskGroup>;
}

/** The shortest time from one run to the next, in milliseconds of the clock. */
const shortestPeriod = 1_000;
/** Druid counts whole minutes, and a task of none fails. */
const shortestTask = 60_000;

/** Sees to it that each partition of a stream is read by tasks, which follow each other without a gap. */
export class Supervisor {
  /** As it was posted. */
  readonly json: JsonObject;
  readonly spec: SupervisorSpec;
  readonly health: SupervisorHealth;
  readonly #around: SupervisorAround;
  readonly #reading = new Map<number, TaskGroup>();
  readonly #stopping = new AbortController();
  #view: StreamView | undefined;
  #viewedAt: number | undefined;
  #lastRun = -Infinity;
  #running: Promise<void> | undefined;
  /** Whether another run was asked for while one went on. */
  #isWanted = false;
  #cancelNext = (): void => undefined;

  constructor(json: JsonObject, spec: SupervisorSpec, around: SupervisorAround) {
    this.json = json;
    this.spec = spec;
    this.health = new SupervisorHealth(spec.suspended);
    this.#around = around;
  }

  /** The groups that read. */
  get reading(): readonly TaskGroup[] {
    return [...this.#reading.values()];
  }

  /** Those of its dataSource, also of supervisors before it. */
  get publishing(): readonly TaskGroup[] {
    return [...this.#around.publishing];
  }

  /** The stream as it was when it was last looked at. */
  get view(): StreamView | undefined {
    return this.#view;
  }

  /** When that was, epoch milliseconds. */
  get viewedAt(): number | undefined {
    return this.#viewedAt;
  }

  start(): void {
    this.#runAt(this.#around.agenda.now() + this.spec.startDelay);
  }

  /** Its tasks publish what they have; it makes no others. */
  stop(): void {
    this.#stopping.abort();
    this.#cancelNext();
    for (const group of this.reading) this.#finish(group);
  }

  /** Ends what it does at once; its tasks are left as they are. */
  async close(): Promise<void> {
    this.#stopping.abort();
    this.#cancelNext();
    await this.#running;
  }

  /** Lets groups publish now, and others go on behind them. */
  handOff(ids: readonly number[]): void {
    for (const group of this.reading) if (ids.includes(group.id)) this.#finish(group);
    this.#runSoon();
  }

  /** Forgets where it is: its tasks end, and what they had not published is read again, or left out. */
  async reset(): Promise<void> {
    const { offsets, publishing } = this.#around;
    const groups = [...publishing, ...this.reading];
    publishing.clear();
    this.#reading.clear();
    offsets.forget(this.spec.schema.dataSource);
    for (const group of groups) await this.#shutDown(group.running);
    this.#runSoon();
  }

  #runSoon(): void {
    const { agenda } = this.#around;
    this.#runAt(Math.max(agenda.now(), this.#lastRun + shortestPeriod));
  }

  #runAt(time: number): void {
    if (this.#stopping.signal.aborted) return;
    this.#cancelNext();
    this.#cancelNext = this.#around.agenda.at(time, () => {
      if (this.#running === undefined) this.#running = this.#runAndGoOn();
      else this.#isWanted = true;
    });
  }

  async #runAndGoOn(): Promise<void> {
    this.#isWanted = false;
    await this.#run();
    this.#running = undefined;
    this.#runAt(this.#lastRun + this.#pause());
  }

  #pause(): number {
    return this.#isWanted ? shortestPeriod : Math.max(this.spec.period, shortestPeriod);
  }

  async #run(): Promise<void> {
    const { agenda } = this.#around;
    this.#lastRun = agenda.now();
    try {
      this.health.begins('CONNECTING_TO_STREAM');
      const view = await lookAtStream(this.spec, this.#stopping.signal);
      if (this.#stopping.signal.aborted) return;
      this.health.begins('DISCOVERING_INITIAL_TASKS');
      await this.#lookAfterGroups(view);
      if (this.spec.suspended) {
        for (const group of this.reading) this.#finish(group);
      } else {
        this.health.begins('CREATING_TASKS');
        this.#createGroups(view);
        for (const group of this.reading) this.#fill(group);
      }
      this.#view = view;
      this.#viewedAt = agenda.now();
      this.health.runSucceeded();
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.health.runFailed(agenda.now(), error);
    }
  }

  /** Ends groups whose time is over, and those that cannot publish since one before them did not. */
  async #lookAfterGroups(view: StreamView): Promise<void> {
    const { agenda, publishing } = this.#around;
    const known = this.#view?.latest;
    const isNew = known !== undefined && [...view.latest.keys()].some((partition) => !known.has(partition));
    for (const group of this.reading) {
      if (isNew || agenda.now() >= group.created + this.spec.taskDuration) this.#finish(group);
    }
    for (const group of publishing) {
      if (agenda.now() >= group.deadline && !group.isPublished) await this.#shutDown(group.running);
      if (group.running.length > 0) continue;
      publishing.delete(group);
      if (!group.isPublished) await this.#giveUpBehind(group);
    }
  }

  async #giveUpBehind(failed: TaskGroup): Promise<void> {
    const { publishing } = this.#around;
    for (const group of [...publishing, ...this.reading]) {
      if (!group.overlaps(failed) || group.isPublished) continue;
      publishing.delete(group);
      if (this.#reading.get(group.id) === group) this.#reading.delete(group.id);
      await this.#shutDown(group.running);
    }
  }

  /** The group reads no further than it is, and publishes. */
  #finish(group: TaskGroup): void {
    const { agenda, publishing } = this.#around;
    this.#reading.delete(group.id);
    const { running } = group;
    if (running.length === 0) return;
    publishing.add(group);
    const idle = group.finish(agenda.now() + this.spec.completionTimeout);
    void this.#shutDown(idle);
    // Of a group that read nothing, nothing is to be published.
    if (idle.length === running.length) publishing.delete(group);
  }

  /** @throws StreamFault when a place is no longer there to be read. */
  #createGroups(view: StreamView): void {
    const { agenda } = this.#around;
    const { taskCount } = this.spec;
    const groups = new Map<number, number[]>();
    for (const partition of [...view.latest.keys()].sort((a, b) => a - b)) {
      const id = partition % taskCount;
      groups.set(id, [...(groups.get(id) ?? []), partition]);
    }
    for (const [id, partitions] of groups) {
      if (this.#reading.has(id)) continue;
      const start = new Map(partitions.map((partition) => [partition, this.#placeOf(partition, view)]));
      const group = new TaskGroup({ id, start, created: agenda.now(), sequence: this.#newSequence(id, start) });
      this.#reading.set(id, group);
    }
  }

  #placeOf(partition: number, { earliest, latest }: StreamView): number {
    const { offsets, publishing } = this.#around;
    const { schema, topic, useEarliestOffset } = this.spec;
    const first = earliest.get(partition) ?? 0;
    const ends = [...publishing].map(({ end }) => end?.get(partition));
    const place = ends.filter((end) => end !== undefined).at(-1) ?? offsets.of(schema.dataSource, topic).get(partition);
    // A partition that came later is read from its beginning in any case.
    const isFirst = this.#view === undefined;
    if (place === undefined) return useEarliestOffset || !isFirst ? first : (latest.get(partition) ?? first);
    if (place >= first) return place;
    throw new StreamFault(
      'org.apache.druid.java.util.common.ISE',
      `Previous sequenceNumber [${place}] is no longer available for partition [${partition}]. You can clear the previous ` +
        "sequenceNumber and start reading from a valid message by using the supervisor's reset API.",
    );
  }

  #newSequence(id: number, start: Offsets): string {
    const { dataSource } = this.spec.schema;
    const hash = createHash('sha1').update(JSON.stringify([dataSource, id, ...start, this.#around.random.suffix()]));
    return `index_kafka_${dataSource}_${hash.digest('hex').slice(0, 15)}`;
  }

  /** Gives the group as many tasks as it shall have. */
  #fill(group: TaskGroup): void {
    for (let missing = this.spec.replicas - group.running.length; missing > 0; missing--) this.#begin(group);
  }

  #begin(group: TaskGroup): void {
    const { overlord, agenda, random, offsets, publishing } = this.#around;
    const { schema, topic, access, maxRowsInMemory, maxParseExceptions, taskDuration } = this.spec;
    const id = `${group.sequence}_${random.suffix()}`;
    const before = [...publishing].filter((other) => other.overlaps(group));
    const plan = {
      ...{ schema, topic, access, maxRowsInMemory, maxParseExceptions, offsets },
      ...{ start: group.start, sequence: group.sequence },
      fault: taskDuration < shortestTask ? 'java.lang.IllegalArgumentException: null' : undefined,
      whenMyTurn: (act: () => void) => whenAllSettled(before, act),
      published: () => group.hasPublished(),
    };
    const task = new Task({
      ...{ id, groupId: `index_kafka_${schema.dataSource}`, type: 'index_kafka', dataSource: schema.dataSource },
      availabilityGroup: group.sequence,
      payload: this.#payloadOf(id, group),
      created: agenda.now(),
    });
    group.add(task);
    overlord.run(
      task,
      (context) => new StreamTask(plan, context),
      () => {
        group.noteEnd();
        this.health.taskEnded(task.status === 'SUCCESS');
        this.#runSoon();
      },
    );
  }

  #payloadOf(id: string, group: TaskGroup): JsonObject {
    const { dataSource } = this.spec.schema;
    const { topic } = this.spec;
    const numbers = (offsets: Offsets): JsonObject => Object.fromEntries(offsets);
    return {
      ...{ type: 'index_kafka', id, groupId: `index_kafka_${dataSource}`, dataSource },
      resource: { availabilityGroup: group.sequence, requiredCapacity: 1 },
      ioConfig: {
        ...{ type: 'kafka', taskGroupId: group.id, baseSequenceName: group.sequence },
        startSequenceNumbers: { type: 'start', stream: topic, partitionSequenceNumberMap: numbers(group.start) },
      },
    };
  }

  async #shutDown(tasks: readonly Task[]): Promise<void> {
    for (const task of tasks) await this.#around.overlord.shutDown(task);
  }
}

function whenAllSettled([first, ...others]: readonly TaskGroup[], act: () => void): void {
  if (first === undefined) act();
  else first.whenSettled(() => whenAllSettled(others, act));
}

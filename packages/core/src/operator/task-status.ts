import { resolve } from 'node:path';
import type { DataSourceConfig } from '../config/config.js';
import { tasksOfEntry, type BeamState } from '../coordination/beam-state.js';
import { StateNode } from '../coordination/state-node.js';
import type { ListedTask } from '../druid/overlord-client.js';
import { Supervisors } from '../druid/supervisors.js';
import type { Worker } from '../druid/worker.js';
import { messageOf } from '../errors/tranquility-error.js';
import { journalWriter } from '../journal/journal.js';
import { laneFor, type LaneChoice } from '../lane/choose-lane.js';
import { statePath } from '../realtime/backends.js';
import { iso, readTaskId } from '../realtime/names.js';
import { Window } from '../realtime/window.js';
import { relayDirectory } from '../relay/relay-settings.js';
import type { Granularity } from '../time/granularity.js';
import { parsePeriod } from '../time/period.js';
import { timerMillis } from '../time/timer-millis.js';
import type { ZooKeeperClient } from '../zookeeper/zookeeper-client.js';
import { appendStatus, setUpCompaction, type AppendStatus } from './append-report.js';
import { ask, atEachCluster, type Cluster } from './cluster.js';
import { supervisorReport, type SupervisorReport } from './supervisor-report.js';

/** A task of a dataSource, ours or a JVM Tranquility's. */
export interface TaskReport {
  readonly id: string;
  /** Of its segment: `2026-03-05T10:00:00.000Z/2026-03-05T11:00:00.000Z`. */
  readonly interval: string;
  readonly partition: number;
  readonly replicant: number;
  /** How many times it was replaced after it had failed. */
  readonly generation: number;
  readonly state: ListedTask['state'];
  /** `http://host:port`; null while it has none. */
  readonly location: string | null;
  /** Why it failed, in Druid's words; null unless it did. */
  readonly error: string | null;
}

/** A segment in the state that is kept in ZooKeeper. */
export interface SegmentReport {
  readonly interval: string;
  readonly partitions: number;
  /** Their ids. */
  readonly tasks: readonly string[];
  /** Whether it takes no events any more. */
  readonly closed: boolean;
}

export interface StateReport {
  /** The node that holds it. */
  readonly path: string;
  /** Segments that begin then or earlier get no tasks any more. */
  readonly latestCloseTime: string;
  /** The earliest first. */
  readonly segments: readonly SegmentReport[];
}

/** A journal, as it lies on this machine. */
export interface JournalReport {
  readonly directory: string;
  /** The process that has it open, and serves its events: `process 4711`. Null when nobody has. */
  readonly writer: string | null;
}

export interface DataSourceReport {
  readonly dataSource: string;
  /** How its events get into Druid, and why so; null when that could not be found out. */
  readonly lane: LaneChoice | null;
  readonly coordination: 'overlord' | 'zookeeper';
  /** On the lane pull: its supervisor. Null when it has none. */
  readonly supervisor: SupervisorReport | null;
  /** On the lane pull: where its events are kept, unless that is a Kafka; on the lane realtime: where they wait, with `realtime.journal`. */
  readonly journal: JournalReport | null;
  /** On the lane append, and where late events are appended: what batches have made. Null elsewhere. */
  readonly append: AppendStatus | null;
  /**
   * Realtime tasks: those that run or wait, and those that have ended of segments that still take events; by segment, partition and
   * replica.
   */
  readonly tasks: readonly TaskReport[];
  /** Null without coordination through ZooKeeper. */
  readonly state: StateReport | null;
}

export interface WorkerReport {
  /** `host:port` */
  readonly host: string;
  readonly capacity: number;
  readonly used: number;
  /** Whether it is given new tasks. */
  readonly enabled: boolean;
}

export interface StatusReport {
  readonly dataSources: readonly DataSourceReport[];
  readonly workers: readonly WorkerReport[];
  /** What could not be found out, and why. */
  readonly problems: readonly string[];
}

export interface StatusOptions {
  /** How long to wait for each answer, in milliseconds. Default 10 s. */
  readonly timeout?: number;
  /** Whether to let Druid compact by itself those dataSources that are appended to, and that it does not compact. Default false. */
  readonly setUpCompaction?: boolean;
}

/**
 * What runs for dataSources: by which lane they go, their tasks or supervisors, the workers, and what ZooKeeper says where it is asked for.
 * @throws TRQ_OVERLORD_UNREACHABLE, TRQ_OVERLORD_REFUSED, TRQ_ZOOKEEPER_UNREACHABLE where the overlord is found through it.
 */
export async function taskStatus(
  dataSources: readonly DataSourceConfig[],
  options: StatusOptions = {},
): Promise<StatusReport> {
  const timeout = timerMillis(options.timeout ?? 10_000);
  const reports = await atEachCluster(dataSources, (cluster) =>
    clusterStatus(cluster, timeout, options.setUpCompaction === true),
  );
  const all = reports.flatMap((report) => report.dataSources);
  const workers = new Map(reports.flatMap((report) => report.workers).map((worker) => [worker.host, worker]));
  return {
    dataSources: dataSources.flatMap(({ dataSource }) => all.filter((report) => report.dataSource === dataSource)),
    workers: [...workers.values()].sort((a, b) => (a.host < b.host ? -1 : 1)),
    problems: reports.flatMap((report) => report.problems),
  };
}

async function clusterStatus(cluster: Cluster, timeout: number, compacts: boolean): Promise<StatusReport> {
  const { zookeeper } = cluster;
  const problems: string[] = [];
  const orTold = async <T>(answer: Promise<T>, instead: T): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      problems.push(messageOf(error));
      return instead;
    }
  };
  // Where the overlord is found through ZooKeeper, its errors come from there, in time.
  if (cluster.dataSources[0]?.properties['druid.overlord.urls'] === undefined)
    await zookeeper?.client.session({ timeout });
  const dataSources: DataSourceReport[] = [];
  for (const config of cluster.dataSources) {
    const { dataSource, properties } = config;
    const coordination = properties['tranquility.coordination'];
    const listed = await ask(cluster, timeout, (overlord, patience) => overlord.tasks(dataSource, patience));
    const state =
      zookeeper === undefined || coordination === 'overlord'
        ? null
        : await orTold(readState(config, zookeeper.client, timeout), null);
    const lane = await orTold(
      ask(cluster, timeout, (overlord, patience) => laneFor(config, overlord, patience)),
      null,
    );
    const isPull = lane?.lane === 'pull';
    const supervisor = isPull ? await orTold(supervisorOf(cluster, config, listed, timeout), null) : null;
    const isRelayed = lane?.lane === 'realtime' && properties['realtime.journal'];
    const journal = isPull || isRelayed ? await orTold(journalOf(config, isRelayed), null) : null;
    const isAppended =
      lane?.lane === 'append' || (lane?.lane === 'realtime' && properties['tranquility.lateEvents'] === 'append');
    const append = isAppended ? await orTold(appendOf(cluster, config, listed, timeout, compacts), null) : null;
    const tasks = tasksOf(config, listed);
    dataSources.push({ dataSource, lane, coordination, supervisor, journal, append, tasks, state });
  }
  const listed = ask(cluster, timeout, (overlord, patience) => overlord.workers(patience));
  const workers = await orTold<readonly Worker[]>(listed, []);
  return { dataSources, workers: workers.map(reportOf), problems };
}

async function appendOf(
  cluster: Cluster,
  config: DataSourceConfig,
  listed: readonly ListedTask[],
  timeout: number,
  compacts: boolean,
): Promise<AppendStatus> {
  return ask(cluster, timeout, async (overlord, patience) => {
    const found = await appendStatus(config, overlord, listed, patience);
    if (!compacts || found.compaction === true) return found;
    await setUpCompaction(config.dataSource, overlord, patience);
    return { ...found, compaction: true };
  });
}

async function supervisorOf(
  cluster: Cluster,
  config: DataSourceConfig,
  listed: readonly ListedTask[],
  timeout: number,
): Promise<SupervisorReport | null> {
  const found = await ask(cluster, timeout, (overlord, patience) =>
    supervisorReport(config, new Supervisors(overlord), listed, patience),
  );
  return found ?? null;
}

async function journalOf({ properties }: DataSourceConfig, isRelayed: boolean): Promise<JournalReport | null> {
  if (!isRelayed && properties['pull.source'] !== 'journal') return null;
  const kept = properties['journal.directory'];
  const directory = resolve(isRelayed ? relayDirectory(kept) : kept);
  return { directory, writer: (await journalWriter(directory)) ?? null };
}

function reportOf({ host, capacity, used, enabled }: Worker): WorkerReport {
  return { host, capacity, used, enabled };
}

function tasksOf({ dataSource, spec }: DataSourceConfig, listed: readonly ListedTask[]): TaskReport[] {
  const window = new Window(spec.segmentGranularity, parsePeriod(spec.windowPeriod));
  window.moveTo(Date.now());
  return listed
    .flatMap((task) => {
      const slot = readTaskId(task.id, dataSource);
      return slot === undefined || (hasEnded(task) && slot.start < window.start) ? [] : [{ task, slot }];
    })
    .sort(
      ({ slot: a }, { slot: b }) =>
        a.start - b.start || a.partition - b.partition || a.replicant - b.replicant || a.generation - b.generation,
    )
    .map(({ task, slot: { start, partition, replicant, generation } }) => ({
      id: task.id,
      interval: intervalFrom(start, spec.segmentGranularity),
      partition,
      replicant,
      generation,
      state: task.state,
      location: task.location ?? null,
      error: task.error ?? null,
    }));
}

const hasEnded = ({ state }: ListedTask): boolean => state === 'SUCCESS' || state === 'FAILED';

async function readState(config: DataSourceConfig, client: ZooKeeperClient, timeout: number): Promise<StateReport> {
  const path = `${statePath(config)}/data`;
  const { state } = await new StateNode(client, path).readLatest({ timeout });
  return { path, latestCloseTime: iso(state.latestCloseTime), segments: segmentsOf(config, state, path) };
}

function segmentsOf({ spec }: DataSourceConfig, state: BeamState, path: string): SegmentReport[] {
  const { segmentGranularity, windowPeriod } = spec;
  const window = new Window(segmentGranularity, parsePeriod(windowPeriod));
  const now = Date.now();
  return [...state.beams]
    .sort(([a], [b]) => a - b)
    .map(([start, entries]) => ({
      interval: intervalFrom(start, segmentGranularity),
      partitions: entries.length,
      tasks: entries.flatMap((entry) => tasksOfEntry(entry, path).map(({ id }) => id)),
      closed: start <= state.latestCloseTime || window.closes(segmentGranularity.bucketEnd(start)) < now,
    }));
}

function intervalFrom(start: number, granularity: Granularity): string {
  return `${iso(start)}/${iso(granularity.bucketEnd(start))}`;
}

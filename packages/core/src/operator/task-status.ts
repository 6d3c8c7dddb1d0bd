import type { DataSourceConfig } from '../config/config.js';
import { tasksOfEntry, type BeamState } from '../coordination/beam-state.js';
import { StateNode } from '../coordination/state-node.js';
import type { ListedTask } from '../druid/overlord-client.js';
import type { Worker } from '../druid/worker.js';
import { messageOf } from '../errors/tranquility-error.js';
import { statePath } from '../realtime/backends.js';
import { iso, readTaskId } from '../realtime/names.js';
import { Window } from '../realtime/window.js';
import type { Granularity } from '../time/granularity.js';
import { parsePeriod } from '../time/period.js';
import type { ZooKeeperClient } from '../zookeeper/zookeeper-client.js';
import { ask, atEachCluster, type Cluster } from './cluster.js';

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

export interface DataSourceReport {
  readonly dataSource: string;
  readonly coordination: 'overlord' | 'zookeeper';
  /** Those that run or wait, and those that have ended of segments that still take events; by segment, partition and replica. */
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
}

/**
 * What runs for dataSources: their tasks, the workers, and what ZooKeeper says where it is asked for.
 * @throws TRQ_OVERLORD_UNREACHABLE, TRQ_OVERLORD_REFUSED, TRQ_ZOOKEEPER_UNREACHABLE where the overlord is found through it.
 */
export async function taskStatus(
  dataSources: readonly DataSourceConfig[],
  { timeout = 10_000 }: StatusOptions = {},
): Promise<StatusReport> {
  const reports = await atEachCluster(dataSources, (cluster) => clusterStatus(cluster, timeout));
  const all = reports.flatMap((report) => report.dataSources);
  const workers = new Map(reports.flatMap((report) => report.workers).map((worker) => [worker.host, worker]));
  return {
    dataSources: dataSources.flatMap(({ dataSource }) => all.filter((report) => report.dataSource === dataSource)),
    workers: [...workers.values()].sort((a, b) => (a.host < b.host ? -1 : 1)),
    problems: reports.flatMap((report) => report.problems),
  };
}

async function clusterStatus(cluster: Cluster, timeout: number): Promise<StatusReport> {
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
  if (cluster.dataSources[0]?.properties['druid.overlord.urls'] === undefined) await zookeeper?.session({ timeout });
  const dataSources: DataSourceReport[] = [];
  for (const config of cluster.dataSources) {
    const { dataSource, properties } = config;
    const coordination = properties['tranquility.coordination'];
    const listed = await ask(cluster, timeout, (overlord, patience) => overlord.tasks(dataSource, patience));
    const state =
      zookeeper === undefined || coordination === 'overlord'
        ? null
        : await orTold(readState(config, zookeeper, timeout), null);
    dataSources.push({ dataSource, coordination, tasks: tasksOf(config, listed), state });
  }
  const listed = ask(cluster, timeout, (overlord, patience) => overlord.workers(patience));
  const workers = await orTold<readonly Worker[]>(listed, []);
  return { dataSources, workers: workers.map(reportOf), problems };
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

import type { DataSourceConfig } from '../config/config.js';
import type { ListedTask, Patience } from '../druid/overlord-client.js';
import type { Supervisors } from '../druid/supervisors.js';
import { conflictText } from '../pull/managed-supervisor.js';
import { judgeSupervisor, type PullAlarm } from '../pull/pull-alarm.js';
import { ownPlace } from '../pull/pull-settings.js';
import { readSupervisor, type ExistingSupervisor } from '../pull/supervisor-spec.js';
import { readSupervisorStatus, type SupervisorStatus } from '../pull/supervisor-status.js';

/** A task that reads for a supervisor, or publishes what it has read. */
export interface ReadingTaskReport {
  readonly id: string;
  readonly state: ListedTask['state'];
  /** `http://host:port`; null while it has none. */
  readonly location: string | null;
}

/** How far Druid has read a partition, by its own account. */
export interface PartitionReport {
  readonly partition: number;
  /** The next offset that it reads; null while no task does. */
  readonly offset: number | null;
  /** How many offsets there are behind it, as it knew half a minute ago at the latest; null when it does not say. */
  readonly lag: number | null;
}

/** A dataSource's supervisor, as it is known to Druid. */
export interface SupervisorReport {
  /** `ours`: it reads from the journal, or the address, of this config. */
  readonly owner: 'ours' | 'others';
  /** `type "kafka", stream "flights", servers "127.0.0.1:9392"` */
  readonly reads: string;
  /** `RUNNING`, `SUSPENDED`, `UNHEALTHY_TASKS`…; `unknown` when Druid does not say. */
  readonly state: string;
  /** `CONNECTING_TO_STREAM`… */
  readonly detailedState: string;
  /** As Druid sees it: it does not notice a stream that cannot be read. */
  readonly healthy: boolean;
  /**
   * Who has suspended it: a process of ours that was done (`us`), for as long as there is none that serves its events, or somebody
   * else (`others`), for as long as nobody resumes it; null when it is not suspended.
   */
  readonly suspendedBy: 'us' | 'others' | null;
  readonly tasks: readonly ReadingTaskReport[];
  readonly partitions: readonly PartitionReport[];
  /** In Druid's words, the latest first. */
  readonly errors: readonly string[];
  /** What is wrong, and what to do. */
  readonly alarms: readonly PullAlarm[];
}

/**
 * The supervisor of a dataSource; `undefined` when it has none.
 * @param listed the tasks that the overlord knows of it.
 * @throws TRQ_JOURNAL_FORMAT, TRQ_JOURNAL_FAILED; what the overlord's client throws.
 */
export async function supervisorReport(
  config: DataSourceConfig,
  supervisors: Supervisors,
  listed: readonly ListedTask[],
  patience: Patience,
): Promise<SupervisorReport | undefined> {
  const { dataSource } = config;
  const spec = await supervisors.spec(dataSource, patience);
  const payload = await supervisors.status(dataSource, patience);
  if (spec === undefined) return undefined;
  const existing = readSupervisor(spec, await ownPlace(config));
  const status = readSupervisorStatus(payload ?? {});
  const { state, detailedState, healthy, errors } = status;
  const tasks = new Map(listed.map((task) => [task.id, task]));
  return {
    owner: existing.kind === 'ours' ? 'ours' : 'others',
    reads: existing.reads,
    ...{ state, detailedState, healthy },
    suspendedBy: spec['suspended'] === true ? (existing.kind === 'ours' && existing.parked ? 'us' : 'others') : null,
    tasks: status.tasks.map((id) => ({
      id,
      state: tasks.get(id)?.state ?? 'UNKNOWN',
      location: tasks.get(id)?.location ?? null,
    })),
    partitions: partitionsOf(status),
    errors,
    alarms: alarmsOf(dataSource, existing, status),
  };
}

function partitionsOf({ currentOffsets, lag }: SupervisorStatus): PartitionReport[] {
  return [...new Set([...currentOffsets.keys(), ...lag.keys()])]
    .sort((a, b) => a - b)
    .map((partition) => ({
      partition,
      offset: currentOffsets.get(partition) ?? null,
      lag: lag.get(partition) ?? null,
    }));
}

function alarmsOf(dataSource: string, existing: ExistingSupervisor, status: SupervisorStatus): readonly PullAlarm[] {
  if (existing.kind === 'foreign') return [{ reason: 'conflict', message: conflictText(dataSource, existing.reads) }];
  return existing.parked ? [] : judgeSupervisor(dataSource, status, []);
}

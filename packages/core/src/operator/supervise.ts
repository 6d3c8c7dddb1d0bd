import type { DataSourceConfig } from '../config/config.js';
import type { Patience } from '../druid/overlord-client.js';
import { Supervisors, type SupervisorAction } from '../druid/supervisors.js';
import type { ErrorCode } from '../errors/codes.js';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import { conflict } from '../pull/managed-supervisor.js';
import { ownPlace } from '../pull/pull-settings.js';
import { isMarked, readSupervisor, unmarked } from '../pull/supervisor-spec.js';
import type { JsonObject } from '../spec/json.js';
import { timerMillis } from '../time/timer-millis.js';
import { ask, atEachCluster } from './cluster.js';

export interface SuperviseOptions {
  /** Whether to act on supervisors that are not ours too. Default false. */
  readonly force?: boolean;
  /**
   * How long to wait, in milliseconds. Default 2 minutes: Druid takes more than one to stop a supervisor whose stream nobody serves.
   */
  readonly timeout?: number;
}

/** What became of a supervisor. */
export interface Supervised {
  readonly dataSource: string;
  /** `unchanged`: it was so before. */
  readonly status: 'done' | 'unchanged' | 'failed';
  /** One sentence or more. */
  readonly message: string;
  /** Why it failed. */
  readonly code?: ErrorCode;
}

/**
 * Suspends, resumes or terminates the supervisors of dataSources, and nobody else's. Tasks publish what they have read in any case.
 * What goes wrong with one dataSource is in its report, never thrown.
 */
export async function supervise(
  dataSources: readonly DataSourceConfig[],
  action: SupervisorAction,
  { force = false, timeout = 120_000 }: SuperviseOptions = {},
): Promise<readonly Supervised[]> {
  const reports = await atEachCluster(dataSources, (cluster) =>
    Promise.all(
      cluster.dataSources.map(async (config): Promise<Supervised> => {
        const { dataSource } = config;
        try {
          return await ask(cluster, timerMillis(timeout), async (overlord, patience) => ({
            dataSource,
            ...(await act(config, action, force, new Supervisors(overlord, timeout / 2), patience)),
          }));
        } catch (error) {
          const code = error instanceof TranquilityError ? error.code : 'TRQ_INTERNAL';
          return { dataSource, status: 'failed', message: messageOf(error), code };
        }
      }),
    ),
  );
  const all = reports.flat();
  return dataSources.flatMap(({ dataSource }) => all.filter((report) => report.dataSource === dataSource));
}

async function act(
  config: DataSourceConfig,
  action: SupervisorAction,
  force: boolean,
  supervisors: Supervisors,
  patience: Patience,
): Promise<Pick<Supervised, 'status' | 'message'>> {
  const { dataSource } = config;
  const spec = await supervisors.spec(dataSource, patience);
  const existing = spec && readSupervisor(spec, await ownPlace(config));
  if (existing?.kind === 'foreign' && !force) throw conflict(dataSource, existing.reads);
  const isParked = existing?.kind === 'ours' && existing.parked;
  const isSuspended = spec?.['suspended'] === true && !isParked;
  if (action === 'suspend' && isSuspended) {
    return { status: 'unchanged', message: `${dataSource} was suspended already.` };
  }
  if (action === 'resume' && spec !== undefined && spec['suspended'] !== true) {
    return { status: 'unchanged', message: `${dataSource} was not suspended.` };
  }
  if (spec !== undefined && action !== 'terminate' && isMarked(spec)) await repost(spec, action);
  else await supervisors.act(dataSource, action, patience);
  return { status: 'done', message: done(dataSource, action, isParked) };

  /** With our mark in it, the next process of ours would take a suspension by the user for one of ours, and end it. */
  async function repost(found: JsonObject, what: 'suspend' | 'resume'): Promise<void> {
    await supervisors.replace(dataSource, unmarked(found, what === 'suspend'), patience);
  }
}

function done(dataSource: string, action: SupervisorAction, wasParked: boolean): string {
  if (action === 'suspend') {
    return wasParked
      ? `${dataSource} is suspended, and stays so until it is resumed. Before, it was so only until a process would serve its events again.`
      : `${dataSource} is suspended: its tasks publish what they have read, and no others begin. Its events wait until it is resumed.`;
  }
  if (action === 'resume') {
    const hint = ' Nobody served its events when it was suspended: see that a process has the journal open.';
    return `${dataSource} is resumed, and goes on where it was.${wasParked ? hint : ''}`;
  }
  return `${dataSource} has no supervisor any more: its tasks publish what they have read. Druid keeps its place, and the next event makes another one, which goes on there.`;
}

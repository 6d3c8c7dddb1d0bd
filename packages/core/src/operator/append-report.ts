import { segmentIntervals } from '../append/published-segments.js';
import type { DataSourceConfig } from '../config/config.js';
import type { ListedTask, OverlordClient, Patience } from '../druid/overlord-client.js';
import { refused } from '../druid/overlord-client.js';
import { majorOf } from '../druid/version.js';

/** A task that appends a batch. */
export interface AppendTaskReport {
  readonly id: string;
  readonly state: ListedTask['state'];
  /** Why it failed, in Druid's words; null unless it did. */
  readonly error: string | null;
}

/** How many segments an interval has. */
export interface IntervalReport {
  readonly interval: string;
  readonly segments: number;
}

/** What batches have made of a dataSource. */
export interface AppendStatus {
  /** Those that run or wait, and the latest of those that have ended. */
  readonly tasks: readonly AppendTaskReport[];
  /** The one with the most segments first. */
  readonly intervals: readonly IntervalReport[];
  /** Whether Druid compacts it by itself; null where no coordinator is at the overlord's address to tell. */
  readonly compaction: boolean | null;
}

const compactionPath = '/druid/coordinator/v1/config/compaction';

/**
 * What batches have made of a dataSource.
 * @throws TRQ_OVERLORD_UNREACHABLE, TRQ_OVERLORD_REFUSED
 */
export async function appendStatus(
  { dataSource }: DataSourceConfig,
  overlord: OverlordClient,
  listed: readonly ListedTask[],
  patience: Patience,
): Promise<AppendStatus> {
  const counts = new Map<string, number>();
  for (const interval of await segmentIntervals(overlord, dataSource, patience)) {
    counts.set(interval, (counts.get(interval) ?? 0) + 1);
  }
  return {
    tasks: listed
      .filter(({ id }) => id.startsWith(`append_${dataSource}_`))
      .map(({ id, state, error = null }) => ({ id, state, error })),
    intervals: [...counts]
      .map(([interval, segments]) => ({ interval, segments }))
      .sort((a, b) => b.segments - a.segments || (a.interval < b.interval ? 1 : -1)),
    compaction: await isCompacted(dataSource, overlord, patience),
  };
}

async function isCompacted(dataSource: string, overlord: OverlordClient, patience: Patience): Promise<boolean | null> {
  const config = await overlord.ask('GET', `${compactionPath}/${encodeURIComponent(dataSource)}`, patience);
  if (config.status === 200) return true;
  const coordinator = await overlord.ask('GET', '/druid/coordinator/v1/leader', patience);
  return coordinator.status === 200 ? false : null;
}

/** The first Druid that compacts an interval while others append to it. */
const oldestBeside = 30;

/**
 * Lets Druid compact a dataSource by itself: beside appends where it can, else what is older than a day.
 * @throws TRQ_OVERLORD_REFUSED where no coordinator is at the overlord's address, or it takes no such thing.
 */
export async function setUpCompaction(dataSource: string, overlord: OverlordClient, patience: Patience): Promise<void> {
  const major = majorOf(await overlord.version(patience)) ?? oldestBeside;
  const config =
    major >= oldestBeside
      ? { dataSource, skipOffsetFromLatest: 'PT0S', taskContext: { useConcurrentLocks: true } }
      : { dataSource, skipOffsetFromLatest: 'P1D' };
  const response = await overlord.ask('POST', compactionPath, patience, JSON.stringify(config));
  if (response.status !== 200) throw refused(`to compact ${dataSource}`, response);
}

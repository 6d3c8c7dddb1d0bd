import { refused, type OverlordClient, type Patience } from '../druid/overlord-client.js';
import { isJsonObject, parseJsonObject, type JsonObject } from '../spec/json.js';
import type { Granularity } from '../time/granularity.js';
import { parseIso } from '../time/iso-instant.js';
import { markOf } from './batch-identity.js';
import type { PlannedBatch } from './batch-plan.js';

/** A segment as Druid's store has it. */
export interface PublishedSegment {
  readonly dataSource: string;
  /** Start and end, with a slash between them. */
  readonly interval: string;
  readonly version: string;
  readonly partition: number;
  /** By which it is known what task of ours has made it; `undefined` when none has. */
  readonly mark: unknown;
}

/** Which segments a batch can have made: those of its dataSource and its time. */
interface Place {
  readonly dataSource: string;
  readonly segmentGranularity: Granularity;
}
type Times = Pick<PlannedBatch, 'earliest' | 'latest'>;

/** Milliseconds that a look at the segments of a dataSource may take, which may be many. */
const answerTimeout = 120_000;

/**
 * Whether segments of a task are published, by the mark that they bear, be they in use or replaced since. The overlord looks into its
 * own store, and what is published is there in one transaction, with nothing in between.
 *
 * What is replaced is listed only where it lies in the interval that is asked for as a whole. A task puts its rows into a chunk
 * that is there, even if it is coarser than its own; so the look is widened to all chunks that are there now, and to whole days. What it
 * would miss is a chunk coarser than a day that has been replaced by finer ones, or taken out of use, since the task has published.
 * @throws TRQ_OVERLORD_UNREACHABLE, TRQ_OVERLORD_REFUSED
 */
export async function hasPublished(
  overlord: OverlordClient,
  taskId: string,
  place: Place,
  times: Times,
  patience: Patience,
): Promise<boolean> {
  const mark = markOf(taskId);
  const { dataSource } = place;
  const interval = intervalOf(place, times);
  const used = await usedSegments(overlord, dataSource, interval, 'INCLUDING_OVERSHADOWED', patience);
  if (used.some((segment) => segment.mark === mark)) return true;
  const widened = around([interval, ...used.map((segment) => segment.interval)]);
  const unused = await askForSegments(overlord, dataSource, { type: 'segmentListUnused', interval: widened }, patience);
  return unused.some((segment) => segment.mark === mark);
}

/**
 * The segments of a task that are in use, and seen by queries once they are loaded.
 * @throws TRQ_OVERLORD_UNREACHABLE, TRQ_OVERLORD_REFUSED
 */
export async function segmentsOfTask(
  overlord: OverlordClient,
  taskId: string,
  place: Place,
  times: Times,
  patience: Patience,
): Promise<readonly PublishedSegment[]> {
  const mark = markOf(taskId);
  const visible = await usedSegments(overlord, place.dataSource, intervalOf(place, times), 'ONLY_VISIBLE', patience);
  return visible.filter((segment) => segment.mark === mark);
}

/**
 * The interval of each segment that is in use, and seen by queries.
 * @throws TRQ_OVERLORD_UNREACHABLE, TRQ_OVERLORD_REFUSED
 */
export async function segmentIntervals(
  overlord: OverlordClient,
  dataSource: string,
  patience: Patience,
): Promise<readonly string[]> {
  const segments = await usedSegments(overlord, dataSource, allTime, 'ONLY_VISIBLE', patience);
  return segments.map(({ interval }) => interval);
}

const [firstYear, lastYear] = ['0001-01-01T00:00:00.000Z', '9999-01-01T00:00:00.000Z'];
const allTime = `${firstYear}/${lastYear}`;
/** All the time that Druid knows, as it writes it. */
const eternity = '-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z';
const [earliestTold, latestTold] = [parseIso(firstYear), parseIso(lastYear)];
const day = 86_400_000;

function intervalOf({ segmentGranularity }: Place, { earliest, latest }: Times): string {
  if (!isTold(earliest, latest)) return eternity;
  const [start, last] = [segmentGranularity.bucketStart(earliest), segmentGranularity.bucketStart(latest)];
  return told(start, segmentGranularity.bucketEnd(last));
}

/** The whole days in which all of these intervals lie. */
function around(intervals: readonly string[]): string {
  const times = intervals.flatMap((interval) => interval.split('/').map(parseIso));
  const first = times.reduce((one, other) => Math.min(one, other), Infinity);
  const last = times.reduce((one, other) => Math.max(one, other), -Infinity);
  return told(Math.floor(first / day) * day, Math.ceil(last / day) * day);
}

const told = (start: number, end: number): string =>
  isTold(start, end) ? `${new Date(start).toISOString()}/${new Date(end).toISOString()}` : eternity;

/**
 * Whether an interval has a text of its own. Beyond the years of four digits it is eternity: its end may be a time that no `Date` has, and of such
 * years Druid looks through all segments of a dataSource anyway.
 */
const isTold = (start: number, end: number): boolean => start >= earliestTold && end <= latestTold;

function usedSegments(
  overlord: OverlordClient,
  dataSource: string,
  interval: string,
  visibility: 'INCLUDING_OVERSHADOWED' | 'ONLY_VISIBLE',
  patience: Patience,
): Promise<readonly PublishedSegment[]> {
  return askForSegments(overlord, dataSource, { type: 'segmentListUsed', intervals: [interval], visibility }, patience);
}

async function askForSegments(
  overlord: OverlordClient,
  dataSource: string,
  action: object,
  patience: Patience,
): Promise<readonly PublishedSegment[]> {
  const body = JSON.stringify({ task: asker(dataSource), action: { ...action, dataSource } });
  const response = await overlord.ask('POST', '/druid/indexer/v1/action', patience, body, answerTimeout);
  const segments = response.status === 200 ? parseJsonObject(response.text)?.['result'] : undefined;
  if (!Array.isArray(segments)) throw refused(`a question about the segments of ${dataSource}`, response);
  return (segments as unknown[]).filter(isJsonObject).map(readSegment);
}

/** A task that is not run: Druid answers such questions only in the name of one. */
const asker = (dataSource: string) => ({
  ...{ type: 'noop', id: `tranquility_look_${dataSource}`, dataSource },
  ...{ runTime: 0, isReadyTime: 0, isReadyResult: 'YES' },
});

function readSegment(segment: JsonObject): PublishedSegment {
  const { dataSource, interval, version, shardSpec, lastCompactionState } = segment;
  return {
    dataSource: String(dataSource),
    interval: String(interval),
    version: String(version),
    partition: Number(within(shardSpec, 'partitionNum') ?? 0),
    mark: within(within(lastCompactionState, 'partitionsSpec'), 'maxTotalRows'),
  };
}

const within = (value: unknown, key: string): unknown => (isJsonObject(value) ? value[key] : undefined);

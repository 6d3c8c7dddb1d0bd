/** The names of tasks and of what belongs to them, as Tranquility gives them (`DruidBeamMaker`, `TaskIdentifier`). */
import type { Granularity } from '../time/granularity.js';

/** A place in the grid of tasks of a dataSource. */
export interface TaskSlot {
  readonly dataSource: string;
  /** Start of the segment's interval, epoch milliseconds. */
  readonly start: number;
  readonly partition: number;
  readonly replicant: number;
  /** How many times the task was replaced after it had failed: 0 for the first. Tranquility knows no others. */
  readonly generation: number;
}

export function iso(millis: number): string {
  return new Date(millis).toISOString();
}

export function taskId({ dataSource, start, partition, replicant, generation }: TaskSlot): string {
  const first = `index_realtime_${dataSource}_${iso(start)}_${partition}_${replicant}`;
  return generation === 0 ? first : `${first}_r${generation}`;
}

/**
 * The place of a task in the grid of a dataSource, by its id; `undefined` for a task of another dataSource or another kind. Random letters
 * at the end, which Tranquility adds where it is told to, do not count.
 */
export function readTaskId(id: string, dataSource: string): TaskSlot | undefined {
  const prefix = `index_realtime_${dataSource}_`;
  if (!id.startsWith(prefix)) return undefined;
  const [, time = '', partition, replicant, generation = 0] =
    /^(\d{4}-\d\d-\d\dT[\d:.]+Z)_(\d+)_(\d+)(?:_r(\d+)|_[a-p]{8})?$/.exec(id.slice(prefix.length)) ?? [];
  const start = Date.parse(time);
  if (Number.isNaN(start)) return undefined;
  return {
    dataSource,
    start,
    partition: Number(partition),
    replicant: Number(replicant),
    generation: Number(generation),
  };
}

/** Tasks of one availability group run on different workers. */
export function availabilityGroup({ dataSource, start, partition }: TaskSlot): string {
  return `${dataSource}-${iso(start)}-${padded(partition, 4)}`;
}

/** Names are used again after a cycle, as Druid's clutter of announcements would grow for ever otherwise. */
export function firehoseId({ dataSource, start, partition, replicant }: TaskSlot, granularity: Granularity): string {
  return [dataSource, padded(cycle(start, granularity), 3), padded(partition, 4), padded(replicant, 4)].join('-');
}

/** The name under which a task takes events. */
export function firehoseService(overlordService: string, firehose: string): string {
  return `firehose:${overlordService.replaceAll('/', ':')}:${firehose}`;
}

function cycle(start: number, granularity: Granularity): number {
  const date = new Date(start);
  const minute = date.getUTCMinutes();
  switch (granularity.name) {
    case 'SECOND':
      return (minute * 60 + date.getUTCSeconds()) % 900;
    case 'MINUTE':
    case 'FIVE_MINUTE':
    case 'TEN_MINUTE':
    case 'FIFTEEN_MINUTE':
    case 'THIRTY_MINUTE':
      return (date.getUTCHours() % 3) * 60 + minute;
    case 'HOUR':
    case 'SIX_HOUR':
    case 'EIGHT_HOUR':
      return date.getUTCHours();
    case 'DAY':
      return date.getUTCDate();
    case 'WEEK':
      return isoWeek(date);
    case 'MONTH':
    case 'QUARTER':
      return date.getUTCMonth() + 1;
    case 'YEAR':
      return date.getUTCFullYear() % 100;
    default:
      return unnamedCycle(start, granularity);
  }
}

/**
 * Tranquility has no names for granularities of periods and durations. Ours count 24ths of a bucket, as long as that of 1970 is, so
 * that they differ also for buckets that a change of the clocks makes short; a name comes again after 41 buckets.
 */
function unnamedCycle(start: number, granularity: Granularity): number {
  const first = granularity.bucketStart(0);
  const part = (granularity.bucketEnd(first) - first) / 24;
  const number = Math.floor(start / part) % 1000;
  return number < 0 ? number + 1000 : number;
}

const week = 7 * 86_400_000;

/** The week of ISO 8601 for a Monday: the week belongs to the year of its Thursday. */
function isoWeek(monday: Date): number {
  const thursday = monday.getTime() + 3 * 86_400_000;
  const newYear = Date.UTC(new Date(thursday).getUTCFullYear(), 0, 1);
  return Math.floor((thursday - newYear) / week) + 1;
}

const padded = (value: number, digits: number): string => String(value).padStart(digits, '0');

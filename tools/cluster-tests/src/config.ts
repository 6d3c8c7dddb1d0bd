import { longSum, specOf } from '@tranquility-js/conformance/spec';
import { endpoints, zookeeper } from './cluster.js';
import { temporaryFile } from './temporary.js';

export interface ConfigParts {
  readonly segmentGranularity: string;
  readonly windowPeriod: string;
  /** Default SECOND. */
  readonly queryGranularity?: string;
  /** Default origin and destination. */
  readonly dimensions?: readonly string[];
  /** Fields that are summed up, beside the count of events. Default delay and distance. */
  readonly sums?: readonly string[];
  /** On top of the overlord's address, which a null leaves out. */
  readonly properties?: Readonly<Record<string, string | null>>;
}

/** Who decides which tasks exist. */
export type Mode = 'overlord' | 'zookeeper';

export const modes: readonly Mode[] = ['overlord', 'zookeeper'];

/**
 * The properties that choose a mode: with ZooKeeper those of a user of Tranquility 0.8, who has never heard of us.
 * @param connect where ZooKeeper is; default where it is.
 */
export function coordinatedBy(mode: Mode, connect = zookeeper()): Readonly<Record<string, string | null>> {
  return mode === 'overlord' ? {} : { 'druid.overlord.urls': null, 'zookeeper.connect': connect };
}

/** Two partitions of two replicas. */
export const grid = { 'task.partitions': '2', 'task.replicants': '2' } as const;
export const tasksOfGrid = 4;

/** A Tranquility config file for flights, as a user of Tranquility 0.8 would have it, with the overlord's address in it. */
export async function configFile(dataSource: string, parts: ConfigParts): Promise<string> {
  return temporaryFile(`${dataSource}.json`, [JSON.stringify(configOf(dataSource, parts), null, '\t')]);
}

/** What is in such a file. */
export function configOf(dataSource: string, parts: ConfigParts): object {
  const { dimensions = ['origin', 'destination'], sums = ['delay', 'distance'] } = parts;
  const properties: Record<string, string | null> = {
    'druid.overlord.urls': endpoints().overlord,
    ...parts.properties,
  };
  const { segmentGranularity, queryGranularity, windowPeriod } = parts;
  const spec = specOf({
    ...{ dataSource, dimensions, segmentGranularity, queryGranularity, windowPeriod },
    metrics: sums.map(longSum),
    tuning: { maxRowsInMemory: 100_000 },
  });
  return {
    dataSources: [{ spec }],
    properties: Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null)),
  };
}

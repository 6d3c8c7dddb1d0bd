const hour = 3_600_000;

/** What a test wants of an `index_realtime` task. */
export interface RealtimeTaskParts {
  readonly dataSource: string;
  readonly now: number;
  readonly dimensions?: readonly unknown[];
  readonly metrics?: readonly object[];
  readonly rollup?: boolean;
  readonly queryGranularity?: string;
  readonly tuning?: Readonly<Record<string, unknown>>;
  /** Of the hour of now; `false` leaves out none. */
  readonly clipped?: boolean;
  readonly suffix?: string;
}

/** A task for the hour of now, as Tranquility makes them, and the name for pushes to it. */
export function realtimeTask(parts: RealtimeTaskParts): {
  id: string;
  serviceName: string;
  start: number;
  task: object;
} {
  const { dataSource, now, suffix = '' } = parts;
  const start = Math.floor(now / hour) * hour;
  const id = `index_realtime_${dataSource}_${iso(start)}_0_0${suffix}`;
  const serviceName = `receiver-${dataSource}${suffix}`;
  const timed = {
    type: 'timed',
    shutoffTime: iso(start + 2 * hour),
    delegate: { type: 'receiver', serviceName: `firehose:druid:overlord:${serviceName}`, bufferSize: 100_000 },
  };
  const clipped = { type: 'clipped', interval: `${iso(start)}/${iso(start + hour)}`, delegate: timed };
  const task = {
    type: 'index_realtime',
    id,
    resource: { availabilityGroup: id, requiredCapacity: 1 },
    spec: {
      dataSchema: {
        dataSource,
        parser: {
          type: 'map',
          parseSpec: {
            format: 'json',
            timestampSpec: { column: 't', format: 'auto', missingValue: null },
            dimensionsSpec: { dimensions: parts.dimensions ?? ['d'] },
          },
        },
        metricsSpec: [{ type: 'count', name: 'count' }, ...(parts.metrics ?? [])],
        granularitySpec: {
          type: 'uniform',
          segmentGranularity: 'HOUR',
          queryGranularity: parts.queryGranularity ?? 'MINUTE',
          rollup: parts.rollup ?? true,
        },
      },
      ioConfig: { type: 'realtime', plumber: null, firehose: parts.clipped === false ? timed : clipped },
      tuningConfig: {
        type: 'realtime',
        windowPeriod: 'PT10M',
        maxRowsInMemory: 75_000,
        rejectionPolicy: { type: 'none' },
        shardSpec: { type: 'linear', partitionNum: 0 },
        ...parts.tuning,
      },
    },
  };
  return { id, serviceName, start, task };
}

export const iso = (millis: number): string => new Date(millis).toISOString();

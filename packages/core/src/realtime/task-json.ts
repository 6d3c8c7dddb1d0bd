import type { IngestionSpec } from '../spec/ingestion-spec.js';
import { isJsonObject, type JsonObject } from '../spec/json.js';
import type { Bucket } from '../time/bucketer.js';
import { availabilityGroup, iso, taskId, type TaskSlot } from './names.js';

/** What a task needs to know beside the spec. */
export interface TaskPlan {
  readonly slot: TaskSlot;
  readonly bucket: Bucket;
  /** Its name for pushes. */
  readonly serviceName: string;
  /** When it stops to take events, epoch milliseconds. */
  readonly shutoff: number;
  readonly bufferSize: number;
  /** The format of timestamps that it must read. */
  readonly timestampFormat: string;
}

/** What Tranquility adds to a tuningConfig that does not say otherwise (`DruidTuning`). */
const tuningDefaults = {
  type: 'realtime',
  maxRowsInMemory: 75_000,
  intermediatePersistPeriod: 'PT10M',
  maxPendingPersists: 0,
};

/**
 * The `index_realtime` task for one bucket, as Tranquility submits it (`DruidBeamMaker`). What the user's spec says of
 * dimensions, metrics, transforms and tuning goes through untouched.
 */
export function taskJson(spec: IngestionSpec, plan: TaskPlan): JsonObject & { readonly id: string } {
  const { column, missingValue } = spec.timestampSpec;
  return {
    type: 'index_realtime',
    id: taskId(plan.slot),
    resource: { availabilityGroup: availabilityGroup(plan.slot), requiredCapacity: 1 },
    spec: {
      dataSchema: {
        dataSource: spec.dataSource,
        parser: {
          type: 'map',
          parseSpec: {
            format: 'json',
            timestampSpec: { column, format: plan.timestampFormat, missingValue: missingValue ?? null },
            dimensionsSpec: spec.dimensionsSpec,
          },
        },
        metricsSpec: spec.metricsSpec,
        granularitySpec: {
          type: 'uniform',
          segmentGranularity: spec.segmentGranularity.json,
          queryGranularity: spec.queryGranularity.json,
          rollup: spec.rollup,
        },
        ...(spec.transformSpec === undefined ? {} : { transformSpec: spec.transformSpec }),
      },
      ioConfig: { type: 'realtime', plumber: null, firehose: firehose(plan) },
      tuningConfig: {
        ...tuningDefaults,
        ...spec.tuningConfig,
        windowPeriod: spec.windowPeriod,
        shardSpec: { type: 'linear', partitionNum: plan.slot.partition },
        rejectionPolicy: { type: 'none' },
      },
    },
  };
}

function firehose({ bucket, shutoff, serviceName, bufferSize }: TaskPlan): JsonObject {
  return {
    type: 'clipped',
    interval: interval(bucket),
    delegate: {
      type: 'timed',
      shutoffTime: iso(shutoff),
      delegate: { type: 'receiver', serviceName, bufferSize },
    },
  };
}

function interval({ start, end }: Bucket): string {
  return `${iso(start)}/${iso(end)}`;
}

/** What we must know of a task that is there already. */
export interface ExistingTask {
  readonly serviceName: string;
  readonly timestampColumn: string;
  readonly timestampFormat: string;
  /** Whether its schema differs from the one that we would give it. */
  readonly differs: boolean;
}

/**
 * Reads a task that exists under the id of ours.
 * @returns why it cannot serve us, or what we must know of it.
 */
export function readExistingTask(existing: JsonObject, ours: JsonObject): ExistingTask | string {
  if (existing['type'] !== ours['type']) return `it is a task of type ${JSON.stringify(existing['type'])}`;
  const [theirSchema, ourSchema] = [at(existing, 'spec', 'dataSchema'), at(ours, 'spec', 'dataSchema')];
  if (at(theirSchema, 'dataSource') !== at(ourSchema, 'dataSource')) {
    return `it writes to the dataSource ${JSON.stringify(at(theirSchema, 'dataSource'))}`;
  }
  const [theirs, our] = [firehoses(existing), firehoses(ours)];
  if (!sameInterval(theirs['interval'], our['interval']))
    return `it takes the interval ${JSON.stringify(theirs['interval'])}`;
  const serviceName = theirs['serviceName'];
  if (typeof serviceName !== 'string') return 'it has no event receiver';
  // A timestampSpec at the top of the schema wins over the parser's.
  const timestampSpec = at(theirSchema, 'timestampSpec') ?? at(theirSchema, 'parser', 'parseSpec', 'timestampSpec');
  return {
    serviceName,
    timestampColumn: textAt(timestampSpec, 'column') ?? 'timestamp',
    timestampFormat: textAt(timestampSpec, 'format') ?? 'auto',
    differs: schemaPrint(theirSchema) !== schemaPrint(ourSchema),
  };
}

/** All properties of the nested firehoses, the outer one's first. */
function firehoses(task: JsonObject): JsonObject {
  let all: JsonObject = {};
  for (
    let firehose = at(task, 'spec', 'ioConfig', 'firehose');
    isJsonObject(firehose);
    firehose = firehose['delegate']
  ) {
    all = { ...firehose, ...all };
  }
  return all;
}

function sameInterval(a: unknown, b: unknown): boolean {
  const ends = (value: unknown): number[] =>
    typeof value === 'string' ? value.split('/').map((end) => Date.parse(end)) : [];
  const [ours, theirs] = [ends(a), ends(b)];
  return ours.length === 2 && ours.every((end, index) => end === theirs[index]);
}

/** The columns of a schema: names of dimensions and metrics. Druid may write the rest in other words than it was given. */
function schemaPrint(dataSchema: unknown): string {
  const dimensionsSpec = at(dataSchema, 'dimensionsSpec') ?? at(dataSchema, 'parser', 'parseSpec', 'dimensionsSpec');
  const names = (columns: unknown): unknown[] =>
    (Array.isArray(columns) ? (columns as unknown[]) : []).map((column) => at(column, 'name') ?? column);
  return JSON.stringify([names(at(dimensionsSpec, 'dimensions')), names(at(dataSchema, 'metricsSpec'))]);
}

function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isJsonObject(inner) ? inner[key] : undefined), value);
}

function textAt(value: unknown, key: string): string | undefined {
  const inner = at(value, key);
  return typeof inner === 'string' ? inner : undefined;
}

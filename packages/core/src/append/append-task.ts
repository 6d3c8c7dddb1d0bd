import { majorOf } from '../druid/version.js';
import { dataSchemaOf } from '../spec/data-schema.js';
import type { IngestionSpec } from '../spec/ingestion-spec.js';
import type { JsonObject } from '../spec/json.js';
import { markOf } from './batch-identity.js';

/** Where a task finds its rows. */
export type AppendInput =
  | { readonly kind: 'inline'; readonly lines: string }
  | { readonly kind: 'http'; readonly url: string; readonly user?: string; readonly password?: string };

export interface AppendTaskParts {
  readonly id: string;
  readonly input: AppendInput;
  /** Druid's version, such as `33.0.0`; `undefined` for one that does not tell. */
  readonly version: string | undefined;
  /** The format of the timestamps that are written. */
  readonly timestampFormat: string;
  /** How long the task waits until its segments can be queried, in milliseconds; 0 for not at all. */
  readonly awaitAvailability: number;
  /** How many rows that it cannot read the task must tell of, whatever the spec says; when unset: as the spec says. */
  readonly mustTellOf?: number;
}

/** From this version on appends and compactions of an interval go side by side. */
const oldestWithConcurrentLocks = 30;
/** From this version on appends of an interval go side by side; older ones lock it for one of them, whatever they are told. */
const oldestWithSharedLocks = 28;
const rowsPerSegment = 5_000_000;
/** How many rows that it cannot read a task tells of, unless the spec says otherwise. */
const toldOf = 200;
/** Of other kinds of tasks, or decided here: a task that appends cuts its segments as it reads, and leaves out what it cannot read. */
const notOfAppends = new Set([
  ...['reportParseExceptions', 'maxParseExceptions'],
  ...['type', 'windowPeriod', 'rejectionPolicy', 'shardSpec', 'partitionsSpec', 'forceGuaranteedRollup'],
  ...['maxRowsPerSegment', 'targetPartitionSize', 'maxTotalRows', 'numShards', 'partitionDimensions'],
]);

/**
 * An `index_parallel` task that appends the rows of a batch, as Druid takes it from 25 on. It takes one slot of a worker. Dimensions,
 * metrics, transforms and tuning go through untouched, but for what would let one bad row keep all others out for ever.
 */
export function appendTask(spec: IngestionSpec, parts: AppendTaskParts): JsonObject {
  const { id, input, version, timestampFormat, awaitAvailability, mustTellOf } = parts;
  const tuning = Object.entries(spec.tuningConfig).filter(([key]) => !notOfAppends.has(key));
  const perSegment = spec.tuningConfig['maxRowsPerSegment'];
  return {
    type: 'index_parallel',
    id,
    spec: {
      dataSchema: dataSchemaOf(spec, timestampFormat),
      ioConfig: {
        type: 'index_parallel',
        appendToExisting: true,
        inputSource: inputSource(input),
        inputFormat: { type: 'json' },
      },
      tuningConfig: {
        maxSavedParseExceptions: toldOf,
        ...Object.fromEntries(tuning),
        ...(mustTellOf === undefined ? {} : { maxSavedParseExceptions: mustTellOf }),
        type: 'index_parallel',
        maxNumConcurrentSubTasks: 1,
        partitionsSpec: {
          type: 'dynamic',
          maxRowsPerSegment: typeof perSegment === 'number' ? perSegment : rowsPerSegment,
          maxTotalRows: markOf(id),
        },
        ...(awaitAvailability === 0 ? {} : { awaitSegmentAvailabilityTimeoutMillis: awaitAvailability }),
      },
    },
    // With it the partitionsSpec, and our mark in it, stands with the segments in Druid's own store.
    context: { ...lockContext(version), storeCompactionState: true },
  };
}

/** Whether a task that appends has its intervals for itself, so that a second one beside it would fail. */
export const appendsAlone = (version: string | undefined): boolean =>
  (majorOf(version) ?? oldestWithConcurrentLocks) < oldestWithSharedLocks;

/** What lets several tasks append to an interval at the same time. */
function lockContext(version: string | undefined): JsonObject {
  if (appendsAlone(version)) return {};
  const major = majorOf(version) ?? oldestWithConcurrentLocks;
  return major >= oldestWithConcurrentLocks ? { useConcurrentLocks: true } : { useSharedLock: true };
}

function inputSource(input: AppendInput): JsonObject {
  if (input.kind === 'inline') return { type: 'inline', data: input.lines };
  const { url, user, password } = input;
  return {
    type: 'http',
    uris: [url],
    ...(user === undefined ? {} : { httpAuthenticationUsername: user, httpAuthenticationPassword: password ?? '' }),
  };
}

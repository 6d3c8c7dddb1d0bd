import { readDataSchema, type DataSchema } from '../ingest/data-schema.js';
import { Unsupported } from '../ingest/unsupported.js';
import { at, type JsonObject } from '../json.js';
import { readInterval } from '../realtime/realtime-spec.js';

/** Where the rows of an append task are. */
type Source =
  | { readonly type: 'inline'; readonly data: string }
  | { readonly type: 'http'; readonly uris: readonly string[]; readonly headers: Readonly<Record<string, string>> };

/** An `index_parallel` task that appends, as far as it is done here. */
export interface AppendSpec {
  readonly schema: DataSchema;
  readonly source: Source;
  /** Rows of other times are left out; none given: of any. */
  readonly intervals: readonly { readonly start: number; readonly end: number }[];
  /** How many rows may be unparseable before the task fails. */
  readonly maxParseExceptions: number;
  readonly maxRowsInMemory: number;
  /** Whether others may append to the same stretch of time meanwhile. */
  readonly sharesLocks: boolean;
  /** What Druid keeps with its segments of how they were made; only on request. */
  readonly compactionState?: JsonObject;
}

/** @throws Unsupported */
export function readAppendSpec(spec: JsonObject, context: unknown): AppendSpec {
  const [ioConfig, tuning] = [spec['ioConfig'], spec['tuningConfig']];
  if (at(ioConfig, 'appendToExisting') !== true || at(ioConfig, 'dropExisting') === true) {
    throw new Unsupported(
      'runs index_parallel tasks only where ioConfig.appendToExisting is true: it replaces nothing.',
    );
  }
  const format = at(ioConfig, 'inputFormat', 'type');
  if (format !== 'json') throw new Unsupported(`reads no inputFormat ${JSON.stringify(format)}. It reads json.`);
  const flattened = at(ioConfig, 'inputFormat', 'flattenSpec', 'fields');
  if (Array.isArray(flattened) && flattened.length > 0) throw new Unsupported('does not flatten (flattenSpec).');
  const partitions = at(tuning, 'partitionsSpec', 'type') ?? 'dynamic';
  if (partitions !== 'dynamic')
    throw new Unsupported(`has no partitionsSpec ${JSON.stringify(partitions)}. It has dynamic.`);
  const intervals = at(spec, 'dataSchema', 'granularitySpec', 'intervals');
  return {
    schema: readDataSchema(spec['dataSchema']),
    source: readSource(at(ioConfig, 'inputSource')),
    intervals: Array.isArray(intervals) ? (intervals as unknown[]).map(readInterval) : [],
    maxParseExceptions:
      at(tuning, 'reportParseExceptions') === true ? 0 : numberOr(at(tuning, 'maxParseExceptions'), Infinity),
    maxRowsInMemory: numberOr(at(tuning, 'maxRowsInMemory'), 1_000_000),
    sharesLocks:
      at(context, 'useConcurrentLocks') === true ||
      at(context, 'useSharedLock') === true ||
      ['APPEND', 'SHARED'].includes(String(at(context, 'taskLockType'))),
    ...(at(context, 'storeCompactionState') === true
      ? { compactionState: { partitionsSpec: at(tuning, 'partitionsSpec') ?? null } }
      : {}),
  };
}

function readSource(source: unknown): Source {
  const type = at(source, 'type');
  const [data, uris] = [at(source, 'data'), at(source, 'uris')];
  if (type === 'inline' && typeof data === 'string' && data !== '') return { type, data };
  if (type === 'http' && Array.isArray(uris) && uris.length > 0) {
    return { type, uris: (uris as unknown[]).map(String), headers: authorization(source) };
  }
  throw new Unsupported(
    `reads no inputSource ${JSON.stringify(type)}, or not this one. It reads inline, with data that is not empty, and http, with uris.`,
  );
}

function authorization(source: unknown): Record<string, string> {
  const [user, password] = [at(source, 'httpAuthenticationUsername'), at(source, 'httpAuthenticationPassword')];
  if (user === undefined || user === null) return {};
  if (typeof user !== 'string' || typeof password !== 'string') {
    throw new Unsupported('reads the password of an http inputSource only where it is a text.');
  }
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value >= 0 ? value : otherwise;
}

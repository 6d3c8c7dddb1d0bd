import { readDataSchema, type DataSchema } from '../ingest/data-schema.js';
import { Unsupported } from '../ingest/unsupported.js';
import { at, type JsonObject } from '../json.js';

/** An `index_realtime` task, as far as it is done here. Times are epoch milliseconds. */
export interface RealtimeSpec {
  readonly schema: DataSchema;
  /** The name that pushes call. */
  readonly serviceName: string;
  /** How many rows wait to be taken, at most. */
  readonly bufferSize: number;
  /** How long without a push until it takes no more; undefined: for ever. */
  readonly maxIdleMillis: number | undefined;
  /** Rows of other times are left out. */
  readonly interval: { readonly start: number; readonly end: number } | undefined;
  /** When it takes no more. */
  readonly shutoff: number | undefined;
  /** Whether a row of that time is taken, by the clock. */
  readonly accepts: (timestamp: number, now: number) => boolean;
  readonly partition: number;
  readonly maxRowsInMemory: number;
  readonly dedupColumn: string | undefined;
}

const defaults = { bufferSize: 100_000, maxRowsInMemory: 150_000, windowPeriod: 600_000 };

/** @throws Unsupported */
export function readRealtimeSpec(task: JsonObject): RealtimeSpec {
  const spec = task['spec'];
  const tuning = at(spec, 'tuningConfig');
  const firehose = readFirehoses(at(spec, 'ioConfig', 'firehose'));
  const parser = at(spec, 'dataSchema', 'parser');
  if (at(parser, 'type') !== 'map') {
    throw new Unsupported(
      'takes no index_realtime task without a parser of type "map": in Druid its pushes would fail, or it itself.',
    );
  }
  return {
    ...firehose,
    schema: readDataSchema(at(spec, 'dataSchema')),
    accepts: readRejectionPolicy(tuning),
    partition: numberOr(at(tuning, 'shardSpec', 'partitionNum'), 0),
    maxRowsInMemory: numberOr(at(tuning, 'maxRowsInMemory'), defaults.maxRowsInMemory),
    dedupColumn: textAt(tuning, 'dedupColumn'),
  };
}

type Firehose = Pick<RealtimeSpec, 'serviceName' | 'bufferSize' | 'maxIdleMillis' | 'interval' | 'shutoff'>;

function readFirehoses(firehose: unknown): Firehose {
  switch (at(firehose, 'type')) {
    case 'clipped':
      return { ...readFirehoses(at(firehose, 'delegate')), interval: readInterval(at(firehose, 'interval')) };
    case 'timed':
      return { ...readFirehoses(at(firehose, 'delegate')), shutoff: readInstant(at(firehose, 'shutoffTime')) };
    case 'receiver':
      return readReceiver(firehose);
    default:
      throw new Unsupported(
        `has no firehose ${JSON.stringify(at(firehose, 'type'))}. It has clipped, timed and receiver.`,
      );
  }
}

function readReceiver(firehose: unknown): Firehose {
  const serviceName = textAt(firehose, 'serviceName');
  if (serviceName === undefined) throw new Unsupported('has no receiver without a serviceName.');
  const idle = at(firehose, 'maxIdleTime');
  const size = numberOr(at(firehose, 'bufferSize'), 0);
  return {
    serviceName,
    bufferSize: size > 0 ? size : defaults.bufferSize,
    maxIdleMillis: typeof idle === 'number' && idle > 0 && Number.isSafeInteger(idle) ? idle : undefined,
    interval: undefined,
    shutoff: undefined,
  };
}

export function readInterval(value: unknown): { start: number; end: number } {
  const [start, end] = typeof value === 'string' ? value.split('/').map((part) => Date.parse(part)) : [];
  if (start !== undefined && end !== undefined && start < end) return { start, end };
  throw new Unsupported(`reads no interval from ${JSON.stringify(value)}: give two instants with a / between.`);
}

function readInstant(value: unknown): number {
  const instant = typeof value === 'number' ? value : Date.parse(String(value));
  if (Number.isFinite(instant)) return instant;
  throw new Unsupported(`reads no instant from ${JSON.stringify(value)}.`);
}

function readRejectionPolicy(tuning: unknown): RealtimeSpec['accepts'] {
  const type = at(tuning, 'rejectionPolicy', 'type') ?? 'serverTime';
  if (type === 'none') return () => true;
  const period = at(tuning, 'windowPeriod');
  const window = period === undefined || period === null ? defaults.windowPeriod : readPeriod(period);
  if (type === 'serverTime') return (timestamp, now) => Math.abs(timestamp - now) <= window;
  throw new Unsupported(`has no rejectionPolicy ${JSON.stringify(type)}. It has none and serverTime.`);
}

/** Periods of fixed length. */
function readPeriod(value: unknown): number {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(String(value));
  if (match === null) throw new Unsupported(`reads no windowPeriod from ${JSON.stringify(value)}.`);
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}

function textAt(value: unknown, key: string): string | undefined {
  const inner = at(value, key);
  return typeof inner === 'string' ? inner : undefined;
}

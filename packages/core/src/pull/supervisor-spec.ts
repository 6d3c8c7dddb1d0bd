import { createHash } from 'node:crypto';
import { TranquilityError } from '../errors/tranquility-error.js';
import { dataSchemaOf } from '../spec/data-schema.js';
import type { IngestionSpec } from '../spec/ingestion-spec.js';
import { isJsonObject, type JsonObject } from '../spec/json.js';
import { addPeriod, parsePeriod } from '../time/period.js';

/** How a supervisor reads. */
export interface SupervisorPlan {
  /** The topic; the dataSource's name. */
  readonly topic: string;
  /** How readers connect: `bootstrap.servers`, and what TLS and SASL need. */
  readonly consumerProperties: JsonObject;
  /** The id of the journal behind the topic; none where there are several, or a Kafka. */
  readonly journal?: string;
  /** Whether that journal has no events of the dataSource yet: it may then stand for one that was lost. */
  readonly isFresh?: boolean;
  /** Where readers reach this process, or a Kafka, as it stands in `bootstrap.servers`. */
  readonly address: string;
  /** All addresses at which it is served, separated by commas. Default: `address`. */
  readonly servers?: string;
  /** The format of the timestamps that are written. Default: that of the spec. */
  readonly timestampFormat?: string;
  /** `task.partitions`: the tasks that share the topic's partitions. */
  readonly taskCount: number;
  /** `task.replicants`: copies of each task. Each needs a worker of its own. */
  readonly replicas: number;
  /** How long a task reads until it publishes, as a period. Default PT1H, as in Druid; at least PT1M. */
  readonly taskDuration?: string;
  /** How long it may take to publish, as a period. Default PT30M, as in Druid. */
  readonly completionTimeout?: string;
  /** How often the supervisor looks at its tasks. Default PT30S, as in Druid. */
  readonly period?: string;
  /** How long the supervisor waits before it looks for the first time. Default PT1S; Druid's own is PT5S. */
  readonly startDelay?: string;
}

/** By what we know that a supervisor reads from us. */
export type OwnPlace = Pick<SupervisorPlan, 'topic' | 'journal' | 'isFresh' | 'address'>;

/** Under this key of its context, a supervisor of ours has what it was made from. */
const printKey = 'tranquility.spec';
const journalKey = 'tranquility.journal';
/** Where it reads from, as we say it: `consumerProperties` may say it in other words. */
const serversKey = 'tranquility.servers';
/** That we have suspended it, because nobody serves its events for now. */
const parkedKey = 'tranquility.parked';
/** In a spec of the realtime lane, and of no meaning to a reader. */
const realtimeOnly = new Set(['type', 'windowPeriod', 'rejectionPolicy', 'shardSpec']);
const shortestTask = 60_000;

/**
 * The supervisor for a dataSource, as Druid takes it from 0.17 on. Dimensions, metrics, transforms and tuning go through untouched.
 * @throws TRQ_CONFIG_INVALID for a period that Druid does not take, or that fails there without a word.
 */
export function supervisorSpec(spec: IngestionSpec, plan: SupervisorPlan): JsonObject {
  const tuning = Object.entries(spec.tuningConfig).filter(([key]) => !realtimeOnly.has(key));
  const { taskDuration = 'PT1H', completionTimeout = 'PT30M', period = 'PT30S', startDelay = 'PT1S' } = plan;
  checkPeriod('taskDuration', taskDuration, shortestTask, 'Druid rounds it down to minutes, and each task would fail.');
  checkPeriod('completionTimeout', completionTimeout, 1, 'Tasks need time to publish.');
  checkPeriod('period', period, 1, 'The supervisor must look at its tasks.');
  checkPeriod('startDelay', startDelay, 0, 'A time cannot be negative.');
  const made = {
    type: 'kafka',
    spec: {
      dataSchema: dataSchemaOf(spec, plan.timestampFormat),
      ioConfig: {
        type: 'kafka',
        topic: plan.topic,
        inputFormat: { type: 'json' },
        consumerProperties: plan.consumerProperties,
        taskCount: plan.taskCount,
        replicas: plan.replicas,
        // Otherwise the events that were there before the first task are left out.
        useEarliestOffset: true,
        ...{ taskDuration, completionTimeout, period, startDelay },
      },
      tuningConfig: { ...Object.fromEntries(tuning), type: 'kafka' },
    },
  };
  const journal = plan.journal === undefined ? {} : { [journalKey]: plan.journal };
  const servers = { [serversKey]: plan.servers ?? plan.address };
  return { ...made, context: { [printKey]: printOf({ ...made, ...journal }), ...journal, ...servers } };
}

/** The same supervisor, suspended by us until there is somebody again who serves its events. */
export function parked(spec: JsonObject): JsonObject {
  const context = isJsonObject(spec['context']) ? spec['context'] : {};
  return { ...spec, suspended: true, context: { ...context, [parkedKey]: true } };
}

/** Whether we have left our mark of a suspension, whoever has resumed it since. */
export const isMarked = (spec: JsonObject): boolean => at(spec, 'context', parkedKey) !== undefined;

/** The same supervisor without that mark: whether it is suspended is the user's word from now on. */
export function unmarked(spec: JsonObject, suspended: boolean): JsonObject {
  const context = Object.entries(isJsonObject(spec['context']) ? spec['context'] : {});
  return { ...spec, suspended, context: Object.fromEntries(context.filter(([key]) => key !== parkedKey)) };
}

/** What a supervisor that exists is to us. */
export type ExistingSupervisor =
  | {
      readonly kind: 'ours';
      readonly reads: string;
      readonly print: unknown;
      /** Whether somebody else has suspended it. */
      readonly suspended: boolean;
      /** Whether we have. */
      readonly parked: boolean;
      /** Whether our mark of a suspension is in it, though somebody has resumed it. */
      readonly marked: boolean;
      /** The id of the journal that it reads from, where ours goes on in its place. */
      readonly replaces?: string;
    }
  | { readonly kind: 'foreign'; readonly reads: string };

/**
 * Whose supervisor it is. We know ours by a print that Druid keeps with it, by its topic, and by the journal or the address that it reads
 * from: one that reads from another process of ours must not be taken away from it. A journal without events may stand for one
 * that was lost, and then goes on at its address. What else it says is of no use for a comparison:
 * Druid fills in defaults, and writes periods and dimensions in other words than ours.
 */
export function readSupervisor(
  existing: JsonObject,
  { topic, journal, isFresh = false, address }: OwnPlace,
): ExistingSupervisor {
  const print = at(existing, 'context', printKey);
  const ioConfig = at(existing, 'spec', 'ioConfig') ?? existing['ioConfig'];
  const reads = at(ioConfig, 'topic');
  const from = at(ioConfig, 'consumerProperties', 'bootstrap.servers');
  const stream = reads ?? at(ioConfig, 'topicPattern') ?? at(ioConfig, 'stream');
  const source = `type ${text(existing['type'])}, stream ${text(stream)}, servers ${text(from)}`;
  const isOurs = existing['type'] === 'kafka' && typeof print === 'string' && reads === topic;
  const servers = at(existing, 'context', serversKey) ?? from;
  const known = typeof servers === 'string' ? servers.split(',') : [];
  const isAtOurs = address.split(',').some((own) => known.includes(own));
  const itsJournal = at(existing, 'context', journalKey);
  const isOfThis =
    journal === undefined || itsJournal === undefined ? isAtOurs : itsJournal === journal || (isFresh && isAtOurs);
  if (isOurs && isOfThis) {
    const isSuspended = existing['suspended'] === true;
    const isParked = isSuspended && at(existing, 'context', parkedKey) === true;
    return {
      kind: 'ours',
      reads: source,
      print,
      suspended: isSuspended && !isParked,
      parked: isParked,
      marked: isMarked(existing),
      ...(journal !== undefined && typeof itsJournal === 'string' && itsJournal !== journal
        ? { replaces: itsJournal }
        : {}),
    };
  }
  return { kind: 'foreign', reads: source };
}

/** The print of a spec that {@link supervisorSpec} has made. */
export const printIn = (spec: JsonObject): unknown => at(spec, 'context', printKey);

function printOf(spec: JsonObject): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(spec)))
    .digest('hex')
    .slice(0, 32);
}

/** The same whatever order keys were written in. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((inner, key) => (isJsonObject(inner) ? inner[key] : undefined), value);
}

const text = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value));

function checkPeriod(name: string, period: string, least: number, reason: string): void {
  const invalid = (what: string): TranquilityError =>
    new TranquilityError('TRQ_CONFIG_INVALID', `The supervisor’s ${name} is ${JSON.stringify(period)}. ${what}`, {
      details: { [name]: period },
    });
  let millis: number;
  try {
    millis = addPeriod(0, parsePeriod(period));
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
  if (millis < least) throw invalid(`Use at least ${least >= 60_000 ? 'PT1M' : `${least} ms`}. ${reason}`);
}

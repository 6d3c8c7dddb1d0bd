import type { Patience } from '../druid/overlord-client.js';
import { emptyPush, TaskClient, type PushAnswer } from '../druid/task-client.js';
import { messageOf } from '../errors/tranquility-error.js';
import type { Bucket } from '../time/bucketer.js';
import { firehoseId, firehoseService } from './names.js';
import { warnLater, type TaskContext } from './task-context.js';
import { pushRefused, taskConflict, taskGone, taskNotReady } from './task-errors.js';
import { readExistingTask, taskJson, type ExistingTask } from './task-json.js';

/** A task that takes rows. */
export interface OpenTask {
  readonly id: string;
  readonly client: TaskClient;
  /** Where it runs, `http://host:port`; it may move. */
  location: string;
  /** The column that must hold epoch milliseconds, if the task does not read our own timestamps. */
  readonly millisColumn?: string;
}

const probeTimeout = 5_000;
const pause = { first: 250, longest: 2_000, growth: 1.5 };

/**
 * Creates the task of a bucket, or takes over the one that is there, and waits until it takes rows.
 * @param shutoff when it stops to take events, epoch milliseconds.
 * @throws TRQ_OVERLORD_UNREACHABLE, TRQ_OVERLORD_REFUSED, TRQ_DRUID_UNSUPPORTED, TRQ_TASK_CONFLICT, TRQ_TASK_GONE,
 * TRQ_TASK_NOT_READY, TRQ_PUSH_REFUSED.
 */
export async function openTask(
  context: TaskContext,
  bucket: Bucket,
  shutoff: number,
  patience: Patience,
): Promise<OpenTask> {
  const { coordination, logger, counters, http } = context;
  const ours = ourTask(context, bucket, shutoff);
  const { id, created, task } = await coordination.claim(ours, patience);
  counters[created ? 'tasksCreated' : 'tasksAdopted']++;
  logger.info(`${created ? 'Created' : 'Took over'} the task ${id}`, { taskId: id });
  const existing = readExistingTask(task, ours);
  if (typeof existing === 'string') throw taskConflict(id, existing);
  if (existing.differs) {
    logger.warn(`The task ${id} was created with other columns; ours take effect with the next segment`, {
      taskId: id,
    });
  }
  const millisColumn = millisColumnOf(context, id, existing);
  const client = new TaskClient(http, id, existing.serviceName);
  const location = await untilReady(context, id, client, patience);
  return { id, client, location, ...(millisColumn === undefined ? {} : { millisColumn }) };
}

function ourTask({ spec, properties, timestampFormat }: TaskContext, bucket: Bucket, shutoff: number) {
  const slot = { dataSource: spec.dataSource, start: bucket.start, partition: 0, replicant: 0 };
  const firehose = firehoseId(slot, spec.segmentGranularity.name);
  return taskJson(spec, {
    slot,
    bucket,
    shutoff,
    serviceName: firehoseService(properties['druid.selectors.indexing.serviceName'], firehose),
    bufferSize: properties['druidBeam.firehoseBufferSize'],
    timestampFormat,
  });
}

function millisColumnOf(context: TaskContext, id: string, existing: ExistingTask): string | undefined {
  const { timestampColumn, timestampFormat } = existing;
  const readsOurs =
    timestampColumn === context.spec.timestampSpec.column &&
    timestampFormat.toLowerCase() === context.timestampFormat.toLowerCase();
  if (readsOurs) return undefined;
  if (/^(auto|iso|millis)$/i.test(timestampFormat)) return timestampColumn;
  throw taskConflict(id, `it reads timestamps as ${JSON.stringify(timestampFormat)}`);
}

/** Waits until the task runs and its receiver answers, and tells where. */
async function untilReady(context: TaskContext, id: string, client: TaskClient, patience: Patience): Promise<string> {
  const { clock, overlord, properties } = context;
  const warn = warnLater(context, id);
  const longest = Math.min(pause.longest, properties['druidBeam.overlordPollPeriod'].millis);
  for (let wait = pause.first; ; wait = Math.min(longest, wait * pause.growth)) {
    const { state, location, error } = await overlord.status(id, patience);
    if (state === 'SUCCESS' || state === 'FAILED') throw taskGone(id, state, error);
    let problem = `it is ${state}${state === 'PENDING' ? ': no worker has a free slot for it yet' : ''}`;
    if (location !== undefined) {
      const answer = await probe(client, location, patience.signal);
      if (answer.kind === 'accepted') return location;
      if (answer.kind === 'forbidden') throw pushRefused(id, answer.message);
      problem = `${location} answers: ${answer.message}`;
    }
    if (clock.now() >= patience.deadline) throw taskNotReady(id, problem);
    warn(`The task ${id} takes no events yet: ${problem}`);
    await clock.sleep(wait, patience.signal);
  }
}

/** Whether the task takes rows, asked with none. */
async function probe(client: TaskClient, location: string, signal?: AbortSignal): Promise<PushAnswer> {
  try {
    return await client.push(location, emptyPush, probeTimeout, signal);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return { kind: 'unavailable', message: messageOf(error) };
  }
}

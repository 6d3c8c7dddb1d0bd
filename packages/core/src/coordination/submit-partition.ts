import type { OverlordClient, Patience } from '../druid/overlord-client.js';
import { taskConflict } from '../druid/task-conflict.js';
import { isJsonObject, type JsonObject } from '../spec/json.js';
import type { ClaimedPartition, ClaimedTask, ClaimRequest, TaskJson } from './coordination.js';

/**
 * Submits all copies of a partition. The overlord takes each id once: where it has a task of the same id, left by an attempt
 * that failed later or made by another instance, that one is taken over after a look at it.
 */
export async function submitPartition(
  overlord: OverlordClient,
  { replicants, taskFor }: Pick<ClaimRequest, 'replicants' | 'taskFor'>,
  partition: number,
  patience: Patience,
): Promise<ClaimedPartition> {
  const copies = Array.from({ length: replicants }, (_, replicant) => taskFor(partition, replicant));
  return { partition, tasks: await submitTasks(overlord, copies, patience) };
}

/** Submits tasks, or takes over those that have their ids. */
export function submitTasks(
  overlord: OverlordClient,
  tasks: readonly TaskJson[],
  patience: Patience,
): Promise<readonly ClaimedTask[]> {
  return Promise.all(tasks.map((task) => submit(overlord, task, patience)));
}

async function submit(overlord: OverlordClient, ours: TaskJson, patience: Patience): Promise<ClaimedTask> {
  const { id } = ours;
  const serviceName = receiverOf(ours);
  if (await overlord.submit(ours, patience))
    return { id, serviceName: serviceName ?? '', payload: ours, created: true };
  const payload = await overlord.payload(id, patience);
  const theirs = payload === undefined ? serviceName : receiverOf(payload);
  if (theirs === undefined) throw taskConflict(id, 'it has no event receiver');
  if (payload !== undefined && dataSourceOf(payload) !== dataSourceOf(ours)) {
    throw taskConflict(id, `it writes to the dataSource ${JSON.stringify(dataSourceOf(payload))}`);
  }
  return { id, serviceName: theirs, created: false, ...(payload === undefined ? {} : { payload }) };
}

/** The name under which a realtime task takes events, which its innermost firehose has. */
function receiverOf(task: JsonObject): string | undefined {
  let firehose = inner(task, 'spec', 'ioConfig', 'firehose');
  while (isJsonObject(firehose) && isJsonObject(firehose['delegate'])) firehose = firehose['delegate'];
  const name = inner(firehose, 'serviceName');
  return typeof name === 'string' ? name : undefined;
}

const dataSourceOf = (task: JsonObject): unknown => inner(task, 'spec', 'dataSchema', 'dataSource');

function inner(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((outer, key) => (isJsonObject(outer) ? outer[key] : undefined), value);
}

import { setTimeout as sleep } from 'node:timers/promises';
import { supervisorUrl, tasksOf, until } from './druid.js';

/** What the overlord says of a supervisor's tasks. */
export interface SupervisorTasks {
  readonly active: readonly string[];
  readonly publishing: readonly string[];
}

interface StatusPayload {
  readonly activeTasks?: readonly { readonly id: string }[];
  readonly publishingTasks?: readonly { readonly id: string }[];
}

/** How long an overlord may be away, in milliseconds. */
const patience = 90_000;

/** @throws Error when the overlord does not do it in time. */
export async function actOnSupervisor(dataSource: string, action: 'suspend' | 'resume'): Promise<void> {
  await patiently(`${action} the supervisor of ${dataSource}`, () => post(`${supervisorUrl(dataSource)}/${action}`));
}

/** Lets the tasks that read these partitions publish, and others follow them: what happens at the end of a task's time, at once. */
export async function handOff(dataSource: string, partitions: number): Promise<void> {
  const body = JSON.stringify({ taskGroupIds: Array.from({ length: partitions }, (_, index) => index) });
  await patiently(`hand off the tasks of ${dataSource}`, () =>
    post(`${supervisorUrl(dataSource)}/taskGroups/handoff`, body),
  );
}

export async function supervisorTasks(dataSource: string): Promise<SupervisorTasks> {
  return patiently(`ask for the supervisor of ${dataSource}`, async () => {
    const response = await fetch(`${supervisorUrl(dataSource)}/status`);
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status}: ${text}`);
    const { activeTasks = [], publishingTasks = [] } = (JSON.parse(text) as { payload: StatusPayload }).payload;
    return { active: activeTasks.map(({ id }) => id), publishing: publishingTasks.map(({ id }) => id) };
  });
}

/** Suspends, and waits until what was read is published, and nobody reads. */
export async function suspendAndPublish(dataSource: string): Promise<void> {
  await actOnSupervisor(dataSource, 'suspend');
  // A task that was made a moment before is told of late, and reads until the supervisor has found it. So it counts when none is there twice.
  let before = 1;
  const left = await until(
    async () => {
      const tasks = await tasksLeft(dataSource);
      const most = [before, tasks.length];
      before = tasks.length;
      return { tasks, most: Math.max(...most) };
    },
    ({ most }) => most === 0,
    120_000,
  );
  if (left.most > 0) throw new Error(`Tasks of ${dataSource} did not publish: ${left.tasks.join(', ')}.`);
}

/** All tasks that may still read or publish, by the supervisor's word and the overlord's. */
async function tasksLeft(dataSource: string): Promise<readonly string[]> {
  const { active, publishing } = await supervisorTasks(dataSource);
  const tasks = await patiently(`list the tasks of ${dataSource}`, () => tasksOf(dataSource));
  const running = [...tasks.values()].filter(({ statusCode }) => statusCode === 'RUNNING').map(({ id }) => id);
  return [...new Set([...active, ...publishing, ...running])];
}

async function post(url: string, body = '{}'): Promise<void> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  await response.arrayBuffer();
}

async function patiently<T>(what: string, work: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + patience; ;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`The overlord did not ${what}.`, { cause: error });
      await sleep(500);
    }
  }
}

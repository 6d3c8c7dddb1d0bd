import { setTimeout as sleep } from 'node:timers/promises';
import { peons, service } from '../cluster.js';
import { until } from '../druid.js';
import { actOnSupervisor, handOff, supervisorTasks, suspendAndPublish } from '../supervisor.js';
import type { Arena } from './arena.js';
import type { Fault } from './fault.js';

/** How long tasks may take to come or to publish, in milliseconds. */
const patience = 60_000;

const askAgainAfter = 5_000;

/** What happens to Druid while we send. */
export const faultsOfDruid = {
  async 'kill -9 of a task'(arena) {
    const running = await until(
      () => peonsOf(arena),
      (found) => found.length > 0,
      patience,
    );
    process.kill(arena.chance.of(running).pid, 'SIGKILL');
  },
  async 'kill -9 of a task that publishes'(arena) {
    const publishing = await publishes(arena);
    await sleep(arena.chance.whole(0, 400));
    const found = (await peonsOf(arena)).filter(({ taskId }) => publishing.includes(taskId));
    if (found.length === 0) arena.tell('It had published already');
    for (const { pid } of found) process.kill(pid, 'SIGKILL');
  },
  async 'kill -9 of the Indexer'() {
    await service('indexer', 'kill');
    await service('indexer', 'start');
  },
  async 'kill -9 of the Indexer while a task publishes'(arena) {
    await publishes(arena);
    await sleep(arena.chance.whole(0, 400));
    await service('indexer', 'kill');
    await service('indexer', 'start');
  },
  async 'the Indexer stands still'(arena) {
    await service('indexer', 'pause');
    await sleep(arena.chance.whole(1_000, 6_000));
    await service('indexer', 'resume');
  },
  async 'the overlord is stopped and started'() {
    await service('coordinator', 'stop');
    await service('coordinator', 'start');
  },
  async 'kill -9 of the overlord'() {
    await service('coordinator', 'kill');
    await service('coordinator', 'start');
  },
  async 'a task publishes, and another goes on'(arena) {
    await publishes(arena);
    await arena.acknowledged(10);
  },
  async 'suspended and resumed'(arena) {
    await suspendAndPublish(arena.dataSource);
    await arena.acknowledged(5);
    await actOnSupervisor(arena.dataSource, 'resume');
  },
} satisfies Record<string, Fault>;

/** The processes of its tasks. */
export async function peonsOf({ dataSource }: Arena): Promise<{ pid: number; taskId: string }[]> {
  return (await peons()).filter(({ taskId }) => taskId.includes(`_${dataSource}_`));
}

/**
 * Makes tasks publish, as at the end of their time.
 * @returns those that are about it.
 */
export async function publishes({ dataSource, partitions }: Arena): Promise<readonly string[]> {
  // Only tasks that read can publish.
  await until(
    () => supervisorTasks(dataSource),
    ({ active }) => active.length > 0,
    patience,
  );
  await handOff(dataSource, partitions);
  let asked = Date.now();
  for (const deadline = asked + patience; ;) {
    const { publishing } = await supervisorTasks(dataSource);
    if (publishing.length > 0) return publishing;
    if (Date.now() > deadline) throw new Error('No task publishes.');
    // Of a task that begins, Druid may leave it undone.
    if (Date.now() - asked > askAgainAfter) {
      await handOff(dataSource, partitions);
      asked = Date.now();
    }
    await sleep(20);
  }
}

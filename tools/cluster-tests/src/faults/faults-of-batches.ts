import { setTimeout as sleep } from 'node:timers/promises';
import { hasPublished } from '../appended.js';
import type { FaultProxy } from '../fault-proxy.js';
import type { Arena } from './arena.js';
import type { Fault } from './fault.js';
import { peonsOf } from './faults-of-druid.js';

/** How long a task may take to publish, in milliseconds. */
const patience = 60_000;
const lostAnswers = 15;

/** What happens between us and the tasks that append. */
export const faultsOfBatches = {
  async 'answers of the overlord are lost'(arena, proxy) {
    for (let lost = 0; lost < lostAnswers; lost++) {
      proxy.fault = { kind: 'cut', afterBytes: 0 };
      await sleep(arena.chance.whole(50, 500));
    }
    proxy.fault = { kind: 'none' };
  },
  async 'the overlord is not reached'(arena, proxy) {
    proxy.fault = { kind: 'refuse' };
    proxy.reset();
    await sleep(arena.chance.whole(500, 3_000));
    proxy.fault = { kind: 'none' };
  },
  async 'kill -9 of a task that has published'(arena) {
    const { dataSource } = arena;
    for (const deadline = Date.now() + patience; Date.now() < deadline; await sleep(50)) {
      for (const { pid, taskId } of await peonsOf(arena)) {
        if (!(await hasPublished(dataSource, taskId))) continue;
        process.kill(pid, 'SIGKILL');
        return;
      }
    }
    throw new Error('No task has published and gone on.');
  },
  async 'kill -9 of us while a batch is under way'(arena) {
    await sleep(arena.chance.whole(500, 2_500));
    await arena.sender.kill();
    await sleep(arena.chance.whole(0, 3_000));
    await arena.start();
  },
} satisfies Record<string, (arena: Arena, proxy: FaultProxy) => ReturnType<Fault>>;

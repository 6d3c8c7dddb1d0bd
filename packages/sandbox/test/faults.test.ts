import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { FaultAction, FaultRule } from '../src/index.js';
import { get, post, stage, type Stage } from './support/sandboxes.js';

const pushes = { server: 'task', path: '/push-events' } as const;

/** Waits until a fault has befallen so many requests. */
async function befallen({ sandbox }: Stage, times: number): Promise<void> {
  while (sandbox.faults.list().every((fault) => fault.befallen < times)) await sleep(1);
}

describe('faults of a push, and what the engine makes of them', () => {
  const actions: readonly FaultAction[] = [
    { kind: 'delay', millis: 30 },
    { kind: 'reset', when: 'before-body' },
    { kind: 'reset', when: 'within-body' },
    { kind: 'reset', when: 'after-body' },
    { kind: 'status', status: 500, body: '{"error":"no reason"}' },
    { kind: 'status', status: 400, body: '{"error":"no reason"}' },
    { kind: 'status', status: 503 },
    { kind: 'lose-answer' },
    { kind: 'cut-answer' },
  ];
  for (const action of actions) {
    const name = [action.kind, 'when' in action ? action.when : '', 'status' in action ? action.status : ''].join(' ');
    it(`${name.trim()}: nothing is lost, nothing is counted twice`, async () => {
      const { sandbox, send, count, sender } = await stage();
      await send(50);
      sandbox.faults.add({ ...pushes, action, times: 3 });
      await send(200, 50);
      await send(50, 250);
      expect(await count()).toBe(300);
      expect(sender.counters).toMatchObject({ sent: 300, failed: 0, lost: 0 });
      expect(sandbox.faults.list()).toMatchObject([{ befallen: action.kind === 'delay' ? 2 : 3 }]);
    });
  }

  it('hang: the push is tried again when its connection is gone', async () => {
    const made = await stage();
    const { sandbox, send, count } = made;
    await send(10);
    const id = sandbox.faults.add({ ...pushes, action: { kind: 'hang' } });
    const sending = send(100, 10);
    await befallen(made, 1);
    expect(await count()).toBe(10);
    sandbox.faults.remove(id);
    await sending;
    expect(await count()).toBe(110);
  });

  it('kill-task: with a replica nothing is lost', async () => {
    const { sandbox, send, count, sender } = await stage({}, { 'task.replicants': '2' });
    await send(50);
    const [task] = sandbox.tasks;
    sandbox.faults.add({ ...pushes, taskId: task?.id ?? '', action: { kind: 'kill-task' } });
    await send(50, 50);
    expect(await count()).toBe(100);
    expect(sender.counters).toMatchObject({ sent: 100, failed: 0, lost: 0 });
    expect(sandbox.tasks.map(({ status }) => status)).toEqual(['FAILED', 'RUNNING']);
  });

  it('without dedupColumn a lost answer counts twice, as the engine says it may', async () => {
    const { sandbox, send, count } = await stage({}, {}, {});
    await send(1);
    sandbox.faults.add({ ...pushes, action: { kind: 'lose-answer' } });
    await send(10, 1);
    expect(await count()).toBe(21);
  });
});

describe('faults of the overlord, and what the engine makes of them', () => {
  const submissions = { server: 'druid', method: 'POST', path: '/druid/indexer/v1/task' } as const;
  const rules: readonly [string, FaultRule][] = [
    ['a submission that is not taken', { ...submissions, action: { kind: 'status', status: 503 }, times: 2 }],
    ['a submission whose answer is lost', { ...submissions, action: { kind: 'lose-answer' } }],
    ['a submission whose connection breaks', { ...submissions, action: { kind: 'reset', when: 'within-body' } }],
    ['statuses that break off', { server: 'druid', path: '/status', action: { kind: 'cut-answer' }, times: 3 }],
    ['chance', { server: 'druid', action: { kind: 'reset', when: 'before-body' }, chance: 0.5, times: 20 }],
  ];
  for (const [name, rule] of rules) {
    it(`${name}: one task, all events`, async () => {
      const { sandbox, send, count } = await stage();
      sandbox.faults.add(rule);
      await send(100);
      expect(sandbox.tasks).toHaveLength(1);
      expect(await count()).toBe(100);
    });
  }

  it('a leader that changes: redirects, and the others’ words', async () => {
    const { sandbox, send, count } = await stage({ overlords: 2 });
    await send(10);
    sandbox.changeLeader(1);
    const [first = '', second = ''] = sandbox.overlords;
    expect(await get(sandbox, '/druid/indexer/v1/isLeader')).toEqual([404, { leader: false }]);
    expect(await get(sandbox, '/druid/indexer/v1/leader')).toEqual([200, second]);
    const redirected = await fetch(`${first}/druid/indexer/v1/tasks?state=running`, { redirect: 'manual' });
    expect([redirected.status, redirected.headers.get('location')]).toEqual([
      307,
      `${second}/druid/indexer/v1/tasks?state=running`,
    ]);
    await sandbox.killTask(sandbox.tasks[0]?.id ?? '');
    await send(10, 10);
    expect(await count()).toBe(10);
    expect(sandbox.tasks.map(({ status }) => status)).toEqual(['FAILED', 'RUNNING']);
  });

  it('no leader for a while', async () => {
    const { sandbox, clock, send, count } = await stage();
    sandbox.changeLeader(undefined);
    expect((await post(sandbox, '/druid/indexer/v1/task'))[0]).toBe(503);
    const stop = clock.onMove(() => {
      if (clock.now() >= Date.parse('2026-03-05T10:20:05Z')) sandbox.changeLeader(0);
    });
    await send(20);
    stop();
    expect(await count()).toBe(20);
  });

  it('a task that starts slowly, and whose receiver does', async () => {
    const { sandbox, clock, send, count, warnings } = await stage({
      taskStartMillis: 40_000,
      receiverStartMillis: 30_000,
    });
    sandbox.delayTaskStarts(5_000);
    const started = clock.now();
    await send(20);
    expect(clock.now() - started).toBeGreaterThanOrEqual(75_000);
    expect(await count()).toBe(20);
    expect(warnings.join()).toContain('takes no events yet');
  });

  it('workers without a free slot: the engine says so, and goes on when there is one', async () => {
    const { sandbox, clock, send, count, warnings } = await stage({ workers: [0, 0] });
    const stop = clock.onMove(() => {
      if (clock.now() >= Date.parse('2026-03-05T10:23:00Z')) sandbox.setWorkerCapacity(1);
    });
    await send(20);
    stop();
    expect(warnings.join()).toContain('no worker has a free slot');
    expect(await count()).toBe(20);
    expect(await get(sandbox, '/druid/indexer/v1/totalWorkerCapacity')).toEqual([
      200,
      { currentClusterCapacity: 2, maximumCapacityWithAutoScale: -1, usedClusterCapacity: 1 },
    ]);
  });

  it('replicas that no second worker can take stay pending', async () => {
    const { sandbox, send } = await stage({ workers: [5] }, { 'task.replicants': '2' });
    // It waits for the replica until the sender is closed.
    void send(1).catch(() => undefined);
    while (sandbox.tasks.length < 2) await sleep(1);
    const [, pending] = await get(sandbox, '/druid/indexer/v1/pendingTasks');
    expect(pending).toMatchObject([{ runnerStatusCode: 'PENDING', location: { host: null, port: -1 } }]);
  });
});

describe('faults over HTTP', () => {
  it('are added, listed and taken back', async () => {
    const { sandbox, send, count } = await stage();
    await send(1);
    const rule = { server: 'task', path: '*push*', action: { kind: 'reset', when: 'after-body' } };
    expect(await post(sandbox, '/sandbox/v1/faults', rule)).toEqual([200, { id: 1 }]);
    await send(1, 1);
    expect(await get(sandbox, '/sandbox/v1/faults')).toMatchObject([200, [{ id: 1, befallen: 1 }]]);
    const removed = await fetch(`${sandbox.url}/sandbox/v1/faults/1`, { method: 'DELETE' });
    expect(await removed.json()).toEqual([]);
    expect(await count()).toBe(2);
  });

  it('say what is wrong with them', async () => {
    const { sandbox } = await stage();
    const wrong = async (rule: object) => (await post(sandbox, '/sandbox/v1/faults', rule))[1];
    expect(await wrong({ action: { kind: 'explode' } })).toEqual({
      error:
        "The fault's action.kind is wrong: expected delay, reset, status, hang, lose-answer, cut-answer, kill-task.",
    });
    expect(await wrong({ server: 'moon', action: { kind: 'hang' } })).toEqual({
      error: "The fault's server is wrong: expected druid or task.",
    });
    expect(await post(sandbox, '/sandbox/v1/leader', { index: 7 })).toEqual([
      400,
      { error: 'There is no overlord 7: there are 1, counted from 0.' },
    ]);
    expect(await post(sandbox, '/sandbox/v1/tasks/nope/kill')).toEqual([400, { error: 'There is no task "nope".' }]);
  });

  it('steer tasks, workers and the clock', async () => {
    const { sandbox, clock, send } = await stage();
    await send(1);
    const [task] = sandbox.tasks;
    const path = `/sandbox/v1/tasks/${encodeURIComponent(task?.id ?? '')}`;
    expect((await post(sandbox, `${path}/pause`))[0]).toBe(200);
    expect((await post(sandbox, `${path}/resume`))[0]).toBe(200);
    expect(await post(sandbox, '/sandbox/v1/workers', { capacity: 3 })).toEqual([200, { capacity: 3 }]);
    expect(await post(sandbox, '/sandbox/v1/task-start', { delayMillis: 10 })).toEqual([200, { delayMillis: 10 }]);
    const later = new Date(clock.now() + 5 * 3_600_000).toISOString();
    expect(await post(sandbox, '/sandbox/v1/clock', { advanceMillis: 5 * 3_600_000 })).toEqual([200, { now: later }]);
    expect(sandbox.tasks).toMatchObject([{ status: 'SUCCESS' }]);
    expect(await post(sandbox, `${path}/kill`)).toMatchObject([200, { task: task?.id }]);
    expect((await get(sandbox, '/sandbox/v1'))[1]).toMatchObject({ url: sandbox.url, leader: sandbox.url });
  });
});

import { expect, it } from 'vitest';
import { Druid } from './druid.js';
import { realtimeTask } from './realtime-task.js';
import type { StartTask } from './start-task.js';
import { newName, type Target } from './target.js';

/** What an overlord answers: tasks taken, told of, ended and refused. */
export function overlordSuite(start: StartTask, target: () => Target): void {
  it('tells its version, its health, and that it leads', async () => {
    const druid = new Druid(target());
    expect((await druid.get('/status')).json).toMatchObject({ version: '28.0.0' });
    expect((await druid.get('/status/health')).json).toBe(true);
    expect(await druid.get('/druid/indexer/v1/isLeader')).toMatchObject({ status: 200, json: { leader: true } });
    expect((await druid.get('/druid/indexer/v1/leader')).text).toBe(target().overlord);
  });

  it('refuses what is no task', async () => {
    const druid = new Druid(target());
    const { task } = realtimeTask({ dataSource: newName('refused'), now: druid.now });
    const error = async (body: unknown) => {
      const { status, json } = await druid.submit(body);
      return [status, (json as { error: string }).error.replace(/\n at \[.*/s, '')];
    };
    expect(await error({})).toEqual([
      400,
      "Could not resolve subtype of [simple type, class org.apache.druid.indexing.common.task.Task]: missing type id property 'type'",
    ]);
    const [status, text] = await error({ type: 'nonsense' });
    expect(status).toBe(400);
    expect(text).toContain("Could not resolve type id 'nonsense' as a subtype of");
    for (const [id, why] of [
      ['a/b', "Value [a/b] cannot contain '/'."],
      ['.ab', "Value [.ab] cannot start with '.'."],
    ]) {
      expect(await error({ ...task, id })).toEqual([
        400,
        'Cannot construct instance of `org.apache.druid.indexing.common.task.RealtimeIndexTask`, ' +
          `problem: Invalid value for field [task ID]: ${String(why)}`,
      ]);
    }
  });

  it('takes a task id once, and tells what became of each task', async () => {
    const { druid, dataSource, id, task } = await start();
    expect(await druid.submit(task)).toMatchObject({
      status: 400,
      json: { error: `Task [${id}] already exists.` },
    });
    expect(await druid.status(id)).toMatchObject({
      id,
      groupId: `index_realtime_${dataSource}`,
      type: 'index_realtime',
      statusCode: 'RUNNING',
      status: 'RUNNING',
      runnerStatusCode: 'RUNNING',
      duration: -1,
      location: { host: '127.0.0.1', tlsPort: -1 },
      dataSource,
      errorMsg: null,
    });
    const payload = (await druid.get(`/druid/indexer/v1/task/${id}`)).json;
    expect(payload).toMatchObject({ task: id, payload: { type: 'index_realtime', id } });
    expect(await druid.tasksOf(dataSource)).toEqual({ [id]: 'RUNNING' });
    const running = (await druid.get('/druid/indexer/v1/runningTasks')).json as { id: string }[];
    expect(running.map((each) => each.id)).toContain(id);

    expect(await druid.post(`/druid/indexer/v1/task/${id}/shutdown`, {})).toMatchObject({
      status: 200,
      json: { task: id },
    });
    const ended = await druid.until(
      () => druid.status(id),
      ({ statusCode }) => statusCode !== 'RUNNING',
    );
    expect(ended).toMatchObject({ statusCode: 'FAILED', errorMsg: 'Shutdown request from user' });
    const complete = (await druid.get('/druid/indexer/v1/completeTasks')).json as { id: string }[];
    expect(complete.map((each) => each.id)).toContain(id);
  });

  it('does not know other tasks', async () => {
    const druid = new Druid(target());
    const expected = { status: 404, text: 'Cannot find any task with id: [nope]' };
    for (const path of ['', '/status', '/reports']) {
      expect(await druid.get(`/druid/indexer/v1/task/nope${path}`)).toMatchObject(expected);
    }
    expect(await druid.post('/druid/indexer/v1/task/nope/shutdown', {})).toMatchObject(expected);
  });
}

import { afterEach, expect } from 'vitest';
import { Druid, type Receiver } from './druid.js';
import { realtimeTask, type RealtimeTaskParts } from './realtime-task.js';
import { newName, type Target } from './target.js';

/** A task that runs, and how it is reached. */
interface StartedTask extends ReturnType<typeof realtimeTask> {
  readonly druid: Druid;
  readonly dataSource: string;
  readonly receiver: Receiver;
}

/** Starts a realtime task, which ends with the test. */
export type StartTask = (parts?: Partial<RealtimeTaskParts>) => Promise<StartedTask>;

/** For all tests of a suite. */
export function taskStarter(target: () => Target): StartTask {
  const started: string[] = [];

  afterEach(async () => {
    const druid = new Druid(target());
    for (const dataSource of started.splice(0)) await druid.endTasks(dataSource);
  });

  return async (parts = {}) => {
    const druid = new Druid(target());
    const dataSource = parts.dataSource ?? newName('wire');
    started.push(dataSource);
    const made = realtimeTask({ dataSource, now: druid.now, ...parts });
    expect(await druid.submit(made.task)).toMatchObject({ status: 200, json: { task: made.id } });
    const receiver = await druid.receiver(made.id, made.serviceName);
    return { druid, dataSource, receiver, ...made };
  };
}

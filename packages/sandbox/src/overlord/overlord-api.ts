import { failure, json, text, type Answer } from '../http/answer.js';
import { bodyObject, type SandboxRequest } from '../http/request.js';
import type { Routes } from '../http/routes.js';
import type { Overlord } from './overlord.js';
import type { Task } from './task.js';

const noReports = 'No task reports were found for this task. The task may not exist, or it may not have completed yet.';

/** What the overlord that leads answers under `/druid/indexer/v1`. */
export function overlordRoutes(overlord: Overlord): Routes {
  const byId =
    (answer: (task: Task) => Promise<Answer> | Answer) =>
    (_: SandboxRequest, id = ''): Promise<Answer> | Answer => {
      const task = overlord.task(id);
      return task === undefined ? text(`Cannot find any task with id: [${id}]`, 404) : answer(task);
    };
  const list = (isWanted: (task: Task) => boolean) => () =>
    json(overlord.tasks.filter(isWanted).map((task) => task.summary()));
  return {
    'POST /druid/indexer/v1/task': (request) => submit(overlord, request),
    'GET /druid/indexer/v1/task/*': byId(({ id, payload }) => json({ task: id, payload })),
    'GET /druid/indexer/v1/task/*/status': byId((task) => json({ task: task.id, status: task.detail() })),
    'GET /druid/indexer/v1/task/*/reports': byId(report),
    'POST /druid/indexer/v1/task/*/shutdown': byId(async (task) => {
      await overlord.shutDown(task);
      return json({ task: task.id });
    }),
    'POST /druid/indexer/v1/datasources/*/shutdownAllTasks': async (_, dataSource = '') => {
      for (const task of overlord.tasks) if (task.dataSource === dataSource) await overlord.shutDown(task);
      return json({ dataSource });
    },
    'GET /druid/indexer/v1/tasks': (request) => listTasks(overlord, request),
    'GET /druid/indexer/v1/waitingTasks': list(() => false),
    'GET /druid/indexer/v1/pendingTasks': list((task) => task.runnerStatus === 'PENDING'),
    'GET /druid/indexer/v1/runningTasks': list((task) => task.runnerStatus === 'RUNNING'),
    'GET /druid/indexer/v1/completeTasks': list((task) => !task.isRunning),
    'GET /druid/indexer/v1/workers': () => json(overlord.workers.map((worker) => worker.summary())),
    'GET /druid/indexer/v1/totalWorkerCapacity': () => json(totalCapacity(overlord)),
  };
}

function submit(overlord: Overlord, request: SandboxRequest): Answer {
  const task = bodyObject(request);
  if (task !== undefined) return overlord.submit(task);
  return failure(400, 'The body is no JSON object. (Druid 28 answers this with 500 and a page of Jetty.)');
}

function report({ id, work, runnerStatus, type }: Task): Answer {
  if (work?.report !== undefined) return json(work.report);
  if (type === 'index_realtime' && runnerStatus === 'RUNNING') {
    return json({ error: `Can't find chatHandler for handler[${id}]` });
  }
  return { status: 404, headers: { 'content-type': 'application/json' }, body: noReports };
}

const states: Readonly<Record<string, (task: Task) => boolean>> = {
  waiting: () => false,
  pending: (task) => task.runnerStatus === 'PENDING',
  running: (task) => task.runnerStatus === 'RUNNING',
  complete: (task) => !task.isRunning,
};

function listTasks(overlord: Overlord, { query }: SandboxRequest): Answer {
  const [state, dataSource, type] = [query.get('state'), query.get('datasource'), query.get('type')];
  const inState = state === null ? () => true : states[state];
  if (inState === undefined) return text(`Invalid task state: ${String(state)}`, 400);
  const tasks = overlord.tasks.filter(
    (task) =>
      inState(task) && (dataSource === null || task.dataSource === dataSource) && (type === null || task.type === type),
  );
  const max = Number(query.get('max') ?? tasks.length);
  return json(tasks.slice(0, max).map((task) => task.summary()));
}

function totalCapacity({ workers }: Overlord): Readonly<Record<string, number>> {
  return {
    currentClusterCapacity: workers.reduce((sum, { capacity }) => sum + capacity, 0),
    maximumCapacityWithAutoScale: -1,
    usedClusterCapacity: workers.reduce((sum, { tasks }) => sum + tasks.size, 0),
  };
}

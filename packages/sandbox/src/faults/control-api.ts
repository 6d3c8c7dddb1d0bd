import { ManualClock } from '../clock/manual-clock.js';
import { failure, json, type Answer } from '../http/answer.js';
import { bodyObject, type SandboxRequest } from '../http/request.js';
import type { RouteHandler, Routes } from '../http/routes.js';
import type { JsonObject } from '../json.js';
import type { Sandbox } from '../sandbox.js';
import type { FaultReport } from './faults.js';
import { readRule } from './read-rule.js';

/**
 * The same faults that code has, for those who have HTTP only: `/sandbox/v1/...`. Bodies are JSON objects; what is wrong with one is
 * answered 400.
 */
export function controlRoutes(sandbox: Sandbox, clock: unknown): Routes {
  return {
    'GET /sandbox/v1': () => json(overview(sandbox)),
    'GET /sandbox/v1/faults': () => json(sandbox.faults.list().map(plain)),
    'POST /sandbox/v1/faults': withBody((body) => ({ id: sandbox.faults.add(readRule(body)) })),
    'DELETE /sandbox/v1/faults': () => removeFaults(sandbox),
    'DELETE /sandbox/v1/faults/*': (_, id) => removeFaults(sandbox, Number(id)),
    'POST /sandbox/v1/leader': withBody(({ index }) => {
      sandbox.changeLeader(typeof index === 'number' ? index : undefined);
      return { leader: sandbox.leader ?? null };
    }),
    'POST /sandbox/v1/workers': withBody(({ capacity }) => {
      sandbox.setWorkerCapacity(Number(capacity));
      return { capacity };
    }),
    'POST /sandbox/v1/task-start': withBody(({ delayMillis }) => {
      sandbox.delayTaskStarts(Number(delayMillis));
      return { delayMillis };
    }),
    'POST /sandbox/v1/task-end': withBody(({ failures }) => {
      sandbox.failTasksAtEnd(Number(failures));
      return { failures };
    }),
    'POST /sandbox/v1/tasks/*/kill': withBody(async ({ noticeMillis }, id) => {
      await sandbox.killTask(id, { noticeMillis: typeof noticeMillis === 'number' ? noticeMillis : 0 });
      return { task: id };
    }),
    'POST /sandbox/v1/tasks/*/pause': withBody((_, id) => {
      sandbox.pauseTask(id);
      return { task: id };
    }),
    'POST /sandbox/v1/tasks/*/resume': withBody((_, id) => {
      sandbox.resumeTask(id);
      return { task: id };
    }),
    'POST /sandbox/v1/clock': withBody(async ({ advanceMillis }) => {
      if (!(clock instanceof ManualClock)) throw new RangeError('The sandbox runs by the machine’s clock.');
      clock.advance(Number(advanceMillis));
      await sandbox.settled();
      return { now: new Date(clock.now()).toISOString() };
    }),
  };
}

function withBody(act: (body: JsonObject, part: string) => Promise<object> | object): RouteHandler {
  return async (request: SandboxRequest, part = '') => {
    const body = request.body.length === 0 ? {} : bodyObject(request);
    if (body === undefined) return failure(400, 'The body is no JSON object.');
    try {
      return json(await act(body, part));
    } catch (error) {
      if (error instanceof RangeError) return failure(400, error.message);
      throw error;
    }
  };
}

function removeFaults(sandbox: Sandbox, id?: number): Answer {
  sandbox.faults.remove(id);
  return json(sandbox.faults.list().map(plain));
}

function overview(sandbox: Sandbox): object {
  const { url, version, overlords, leader, tasks } = sandbox;
  return { url, version, overlords, leader: leader ?? null, tasks, faults: sandbox.faults.list().map(plain) };
}

/** A pattern as its source. */
function plain(report: FaultReport): object {
  const { path } = report.rule;
  return path instanceof RegExp ? { ...report, rule: { ...report.rule, path: path.source } } : report;
}

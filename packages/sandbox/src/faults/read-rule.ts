import { at, isJsonObject, type JsonObject } from '../json.js';
import type { FaultAction, FaultRule } from './fault.js';

const moments = ['before-body', 'within-body', 'after-body'] as const;
const simpleKinds = ['hang', 'lose-answer', 'cut-answer', 'kill-task'] as const;

/**
 * Reads a rule that came as JSON. A `path` with a `*` in it is a pattern, in which that stands for anything.
 * @throws RangeError that tells what is wrong.
 */
export function readRule(value: JsonObject): FaultRule {
  const { server, method, path, taskId } = value;
  if (server !== undefined && server !== 'druid' && server !== 'task') throw wrong('server', 'druid or task');
  const rule: FaultRule = { action: readAction(value['action']) };
  return {
    ...rule,
    ...(server === undefined ? {} : { server }),
    ...(method === undefined ? {} : { method: textOf('method', method) }),
    ...(path === undefined ? {} : { path: pathOf(textOf('path', path)) }),
    ...(taskId === undefined ? {} : { taskId: textOf('taskId', taskId) }),
    ...numberOf(value, 'after'),
    ...numberOf(value, 'times'),
    ...numberOf(value, 'chance'),
  };
}

function readAction(action: unknown): FaultAction {
  const kind = at(action, 'kind');
  const simple = simpleKinds.find((known) => known === kind);
  if (simple !== undefined) return { kind: simple };
  if (kind === 'delay') return { kind, millis: requiredNumber(action, 'millis') };
  if (kind === 'reset') {
    const when = moments.find((known) => known === at(action, 'when'));
    if (when === undefined) throw wrong('action.when', moments.join(', '));
    return { kind, when };
  }
  if (kind === 'status') {
    const [body, headers] = [at(action, 'body'), at(action, 'headers')];
    return {
      kind,
      status: requiredNumber(action, 'status'),
      ...(typeof body === 'string' ? { body } : {}),
      ...(isJsonObject(headers) ? { headers: headers as Readonly<Record<string, string>> } : {}),
    };
  }
  throw wrong('action.kind', ['delay', 'reset', 'status', ...simpleKinds].join(', '));
}

function pathOf(path: string): string | RegExp {
  if (!path.includes('*')) return path;
  return new RegExp(
    path
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*'),
  );
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw wrong(name, 'a text');
}

function requiredNumber(action: unknown, name: string): number {
  const value = at(action, name);
  if (typeof value === 'number' && value >= 0) return value;
  throw wrong(`action.${name}`, 'a number');
}

function numberOf(value: JsonObject, name: 'after' | 'times' | 'chance'): Record<string, number> {
  const given = value[name];
  if (given === undefined) return {};
  if (typeof given === 'number' && given >= 0) return { [name]: given };
  throw wrong(name, 'a number');
}

function wrong(name: string, expected: string): RangeError {
  return new RangeError(`The fault's ${name} is wrong: expected ${expected}.`);
}

import { TranquilityError } from '../errors/tranquility-error.js';

export { taskConflict } from '../druid/task-conflict.js';

/** A task has ended before its bucket did. */
export function taskGone(taskId: string, state: string, reason = 'no reason given'): TranquilityError {
  const fate = state === 'FAILED' ? `failed: ${reason}` : 'has ended';
  return new TranquilityError(
    'TRQ_TASK_GONE',
    `The task ${taskId} ${fate}. Events of its segment cannot be delivered until the next one begins.`,
    { details: { taskId, state } },
  );
}

/** A task does not start, or its receiver does not answer. */
export function taskNotReady(taskId: string, problem: string): TranquilityError {
  return new TranquilityError('TRQ_TASK_NOT_READY', `The task ${taskId} takes no events yet: ${problem}`, {
    details: { taskId },
  });
}

/** A task does not let us push. */
export function pushRefused(taskId: string, answer: string): TranquilityError {
  return new TranquilityError(
    'TRQ_PUSH_REFUSED',
    `The task ${taskId} refused us: ${answer}. Check druidBeam.basicAuthUser and druidBeam.basicAuthPass; pushing needs the right to write STATE.`,
    { details: { taskId } },
  );
}

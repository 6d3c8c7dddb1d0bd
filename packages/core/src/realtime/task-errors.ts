import { TranquilityError } from '../errors/tranquility-error.js';

/** A task has ended before its bucket did. */
export function taskGone(taskId: string, state: string, reason = 'no reason given'): TranquilityError {
  const fates: Record<string, string> = {
    FAILED: `failed: ${reason}`,
    MISSING: 'is not known to the overlord any more',
  };
  const fate = fates[state] ?? 'has ended';
  return new TranquilityError(
    'TRQ_TASK_GONE',
    `The task ${taskId} ${fate}. Events of its segment cannot be delivered until the next one begins.`,
    { details: { taskId, state } },
  );
}

/** A task misses rows that its replicas have. */
export function replicaLags(taskId: string): TranquilityError {
  return new TranquilityError(
    'TRQ_TASK_GONE',
    `The task ${taskId} misses rows that its replica has, and was given up and ended.`,
    { details: { taskId, state: 'GIVEN_UP' } },
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
    `The task ${taskId} refused us: ${answer} Pushing needs the right to write STATE.`,
    { details: { taskId } },
  );
}

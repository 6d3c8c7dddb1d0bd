import { TranquilityError } from '../errors/tranquility-error.js';

/** A task has our id, but cannot take our events. */
export function taskConflict(taskId: string, why: string): TranquilityError {
  return new TranquilityError(
    'TRQ_TASK_CONFLICT',
    `A task with the id ${taskId} exists, and it cannot take our events: ${why}. Use another dataSource, or end that task.`,
    { details: { taskId } },
  );
}

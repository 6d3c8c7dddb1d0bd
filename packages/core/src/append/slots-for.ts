import type { Worker } from '../druid/worker.js';

/** How many tasks to have at a time: half of what the workers can run, as they have others to run too. */
export function slotsFor(workers: readonly Worker[]): number {
  const capacity = workers.reduce((sum, worker) => sum + (worker.enabled ? worker.capacity : 0), 0);
  return Math.max(1, Math.floor(capacity / 2));
}

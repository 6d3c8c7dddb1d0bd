import type { CounterSnapshot } from './counters.js';

/** What two senders have done together, one behind the other: no number of it falls when the second takes over. */
export function sumOfCounters(one: CounterSnapshot | undefined, other: CounterSnapshot): CounterSnapshot {
  if (one === undefined) return other;
  const dropped: Record<string, number> = { ...one.dropped };
  for (const [reason, count] of Object.entries(other.dropped)) dropped[reason] = (dropped[reason] ?? 0) + count;
  return {
    received: one.received + other.received,
    sent: one.sent + other.sent,
    dropped,
    failed: one.failed + other.failed,
    lost: one.lost + other.lost,
    batches: one.batches + other.batches,
    bytes: one.bytes + other.bytes,
    retries: one.retries + other.retries,
    tasksCreated: one.tasksCreated + other.tasksCreated,
    tasksAdopted: one.tasksAdopted + other.tasksAdopted,
  };
}

import type { Lease } from './lease.js';
import type { LeaseChange } from './lease-store.js';
import type { Start } from './shard-sync.js';

/**
 * What a lease has to say besides once it is taken: from when on its shard is read, where it does not, as those of the library of Java do
 * not. Without it each owner would begin at a moment of its own, and leave out what came before.
 * @param now in epoch milliseconds.
 */
export function beginningOf({ checkpoint, startingTimestamp }: Lease, start: Start, now: number): LeaseChange {
  if (startingTimestamp !== undefined) return {};
  const given = start !== 'TRIM_HORIZON' && start.from === checkpoint ? start.timestamp : undefined;
  if (checkpoint === 'LATEST') return { startingTimestamp: given ?? now };
  if (checkpoint !== 'AT_TIMESTAMP') return {};
  return given === undefined ? { checkpoint: 'TRIM_HORIZON' } : { startingTimestamp: given };
}

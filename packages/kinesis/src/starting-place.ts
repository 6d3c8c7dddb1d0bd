import type { Lease } from './leases/lease.js';
import type { Position } from './position.js';
import type { Place } from './source/stream-api.js';

/**
 * Where reading of a shard begins.
 * @param taken the last record that was taken, if any was.
 * @param isAnother whether its lease tells of another stream.
 */
export function startingPlace(
  { checkpoint, startingTimestamp }: Lease,
  taken: Position | undefined,
  isAnother: boolean,
): Place {
  if (taken !== undefined) return { type: 'AT_SEQUENCE_NUMBER', sequenceNumber: taken.sequenceNumber };
  if (isAnother || checkpoint === 'TRIM_HORIZON' || startingTimestamp === undefined) return { type: 'TRIM_HORIZON' };
  return { type: 'AT_TIMESTAMP', timestamp: startingTimestamp };
}

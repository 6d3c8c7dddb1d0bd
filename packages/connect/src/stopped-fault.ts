import type { Fault } from './letter.js';
import type { Partition } from './record.js';

/** Why a partition stands still. */
export interface StoppedFault extends Partition, Fault {
  /** Of the record that is to blame. */
  readonly position: string;
}

/** Why a partition stands still, as a sentence. */
export function describeStop({ stream, partition, position, reason, message }: StoppedFault): string {
  return `${stream}, partition ${partition} stands still at ${position} (${reason}): ${message}`;
}

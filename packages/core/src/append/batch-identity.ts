import { createHash } from 'node:crypto';
import type { PlannedBatch } from './batch-plan.js';

/**
 * What a batch is known by, wherever it is told of: its journal, its place in it, and a word of its plan. The same rows of the same
 * journal have the same identity, whichever process sends them; others at the same place have not, as after a journal was put back from a copy.
 */
export const identityOf = (
  journal: string,
  { from, to, secret }: Pick<PlannedBatch, 'from' | 'to' | 'secret'>,
): string => {
  const word = createHash('sha256').update(secret).digest('hex').slice(0, 6);
  return `${journal.replaceAll('-', '').slice(0, 12)}-${from.toString(36)}-${to.toString(36)}-${word}`;
};

/** The id of the task of an attempt to append a batch. Druid refuses a second task of the same id. */
export const taskIdOf = (dataSource: string, identity: string, attempt: number): string =>
  `append_${dataSource}_${identity}_${attempt}`;

/** Marks are from here on, far above any number of rows that somebody would limit a segment to. */
const leastMark = 2 ** 52;
const markBits = 51;

/**
 * A number that tells the segments of one task from those of all others. It is published with them, in one transaction, as the
 * `maxTotalRows` of their `partitionsSpec`, where it limits nothing.
 */
export function markOf(taskId: string): number {
  const hash = createHash('sha256').update(taskId).digest().readBigUInt64BE();
  return leastMark + Number(BigInt.asUintN(markBits, hash));
}

import { TranquilityError } from '@tranquility-js/core';
import { describe, sentenceOf, type ErrorKind } from './aws/error-kind.js';
import type { KinesisTrouble } from './trouble.js';

/** What keeps a shard from being read until it is tried again, told to the user: of Kinesis, or of the ledger in its own words. */
export function failureOf(kind: ErrorKind, error: unknown): Pick<KinesisTrouble, 'kind'> & { readonly text: string } {
  const told = kind === 'throttled' || kind === 'refused' ? kind : 'disconnected';
  if (error instanceof TranquilityError) return { kind: told, text: `${sentenceOf(error)} It is tried again.` };
  const reason = describe(error);
  const texts = {
    throttled: `Kinesis gives no more for now: ${reason}. It is tried again.`,
    refused: `Kinesis refuses us: ${reason}. Check credentials and rights. It is tried again.`,
    disconnected: `Kinesis does not answer as it should: ${reason}. It is tried again.`,
  };
  return { kind: told, text: texts[told] };
}

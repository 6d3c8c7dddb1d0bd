import { foreignStage } from '@tranquility-js/connect';
import type { Writing } from '../leases/is-written.js';

/** What a journal keeps of a stage until its fate is known: whom to ask, and what for. */
export interface Token extends Writing {
  readonly stream: string;
  /** The name of the stream's ledger. */
  readonly table: string;
}

export const tokenText = (token: Token): string => JSON.stringify({ kinesis: token });

/** @throws TRQ_JOURNAL_STAGED for one of another connector, whose source we cannot ask. */
export function readToken(text: string): Token {
  const { kinesis } = JSON.parse(text) as { kinesis?: Token };
  if (kinesis !== undefined) return kinesis;
  throw foreignStage(text);
}

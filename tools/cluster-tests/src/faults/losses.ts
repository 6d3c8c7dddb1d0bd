import { basename, dirname } from 'node:path';
import { placeOf, type StoredBatch } from './journal-batches.js';
import type { Ledger, Note } from './ledger.js';

interface Cut {
  readonly path: string;
  readonly offset: number;
  readonly rows?: number;
}

interface Gap {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/**
 * What was in a journal when something in it was destroyed, and so what the log speaks of when it names offsets as lost. It is read from the
 * files beforehand.
 */
export class Losses {
  readonly #known: StoredBatch[] = [];
  readonly #destroyed = new Set<number>();
  readonly #places = new Map<string, number>();

  /** Keeps in mind what a journal holds. */
  know(batches: readonly StoredBatch[]): void {
    this.#known.push(...batches);
  }

  /** Takes note of rows that Druid has not read, and can read no more. */
  destroyed(batches: readonly StoredBatch[]): void {
    for (const { path, position, size, rows } of batches) {
      this.#places.set(placeOf(path, position), size);
      for (const key of rows) this.#destroyed.add(key);
    }
  }

  /** The sizes of the batches that were destroyed, by their places. */
  get places(): ReadonlyMap<string, number> {
    return this.#places;
  }

  get rows(): ReadonlySet<number> {
    return this.#destroyed;
  }

  /** The rows that the log of the sender reported as lost, by cuts and gaps. Nothing else is asked. */
  reportedBy(ledger: Ledger): Set<number> {
    const keys = new Set<number>();
    for (const { fields } of ledger.told) {
      if (isCut(fields)) this.#add(keys, (batch) => inCut(batch, fields));
      if (isGap(fields)) this.#add(keys, (batch, offset) => inGap(batch, offset, fields));
    }
    return keys;
  }

  #add(keys: Set<number>, isLost: (batch: StoredBatch, offset: number) => boolean): void {
    for (const batch of this.#known) {
      for (const [index, key] of batch.rows.entries()) if (isLost(batch, batch.offset + index)) keys.add(key);
    }
  }
}

/** How many gaps the log told of: stretches of offsets that Druid asked for and that were not there. */
export const gapsIn = (ledger: Ledger): number => ledger.told.filter(({ fields }) => isGap(fields)).length;

const isCut = (fields: object): fields is Cut => 'position' in fields && 'offset' in fields;
const isGap = (fields: object): fields is Gap => 'from' in fields && 'to' in fields && 'partition' in fields;

/** Where the number of rows is not known, it is all that the file had from there on. */
function inCut({ path, offset, rows }: StoredBatch, cut: Cut): boolean {
  if (dirname(path) !== dirname(cut.path)) return false;
  const end = cut.offset + (cut.rows ?? Infinity);
  return (
    offset < end &&
    offset + rows.length > cut.offset &&
    (cut.rows !== undefined || basename(path) === basename(cut.path))
  );
}

const inGap = ({ partition }: StoredBatch, offset: number, gap: Gap): boolean =>
  partition === gap.partition && offset >= gap.from && offset < gap.to;

/** A message of the log, for messages. */
export const textOf = ({ level, message }: Note & { kind: 'told' }): string => `${level}: ${message}`;

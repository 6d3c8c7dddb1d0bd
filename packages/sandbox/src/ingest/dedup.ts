import type { JsonObject } from '../json.js';

/** A list as the key of a row, which ends a task in Druid. */
export class DedupFault extends Error {
  override name = 'DedupFault';
}

/** Tells rows that came before by the value of their `dedupColumn`. Rows without one are always new. */
export class Dedup {
  readonly #column: string | undefined;
  readonly #seen = new Set<unknown>();

  constructor(column: string | undefined) {
    this.#column = column;
  }

  /** @throws DedupFault with Druid's words. */
  isRepeated(event: JsonObject): boolean {
    if (this.#column === undefined) return false;
    const value = event[this.#column];
    if (value === undefined || value === null) return false;
    if (Array.isArray(value)) {
      throw new DedupFault('org.apache.druid.java.util.common.IAE: Dedup on multi-value field not support');
    }
    const key = typeof value === 'object' ? JSON.stringify(value) : value;
    if (this.#seen.has(key)) return true;
    this.#seen.add(key);
    return false;
  }
}

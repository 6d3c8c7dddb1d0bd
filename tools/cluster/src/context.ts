import type { Warden } from './warden.js';

/** What every part of one cluster shares. */
export interface Context {
  readonly warden: Warden;
  /** The cluster's own directory: data, logs, configuration. */
  readonly directory: string;
  /** Where jars and class archives are kept from one cluster to the next. */
  readonly cache: string;
  readonly log: (line: string) => void;
  /** Aborted when the start was given up. */
  readonly signal: AbortSignal;
}

import type { Clock } from '@tranquility-js/core';

/** A Druid that a suite runs against. */
export interface Target {
  /** `http://host:port` of the overlord that leads. */
  readonly overlord: string;
  /** Of a broker or router. */
  readonly router: string;
  /** The clock that Druid lives by. Default: the machine's. */
  readonly clock?: Clock;
  /** Lets time pass. */
  pass(millis: number): Promise<void>;
  /** Kills the process of a task, as `kill -9` does. */
  killTask(id: string): Promise<void>;
  /** How long something may take until it is seen, in milliseconds of the machine's clock. */
  readonly patience: number;
}

let last = 0;

/** A name that no other test uses. */
export function newName(what: string): string {
  return `${what}_${process.pid}_${++last}`;
}

/**
 * What goes wrong with a request:
 * - `delay`: it is handled so many milliseconds later, by the machine's clock;
 * - `hang`: it is read, not done and never answered, until the fault is taken back: then its connection is reset;
 * - `reset`: its connection is reset `before-body`, `within-body` (when half of it has come) or `after-body`; it is not done;
 * - `status`: it is not done and answered so;
 * - `lose-answer`: it is done, and its connection reset instead of an answer;
 * - `cut-answer`: it is done, and its connection ends in the middle of the answer's body;
 * - `kill-task`: the task that it reaches dies before it does it, with all its connections.
 */
export type FaultAction =
  | { readonly kind: 'delay'; readonly millis: number }
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset'; readonly when: 'before-body' | 'within-body' | 'after-body' }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'lose-answer' }
  | { readonly kind: 'cut-answer' }
  | { readonly kind: 'kill-task' };

/** Which requests a fault befalls. */
export interface FaultRule {
  readonly action: FaultAction;
  /** `druid` is the port of overlord, coordinator and router, `task` the port of any task. Default: both. */
  readonly server?: 'druid' | 'task';
  readonly method?: string;
  /** A text that the path must hold, or a pattern that it must fit. Default: any path. */
  readonly path?: string | RegExp;
  /** Of which task, for requests to a task's port. */
  readonly taskId?: string;
  /** How many of the requests that fit pass first. Default 0. */
  readonly after?: number;
  /** How many it befalls before it is used up. Default 1. */
  readonly times?: number;
  /** With which chance it befalls a request that fits, by the sandbox's seed. Default 1. */
  readonly chance?: number;
}

/** A request as faults are chosen by. */
export interface FaultTarget {
  readonly method: string;
  readonly path: string;
}

/** A fault that befalls a request now. */
export type Fault =
  Exclude<FaultAction, { kind: 'hang' }> | { readonly kind: 'hang'; readonly released: Promise<void> };

export type FaultFinder = (target: FaultTarget) => Fault | undefined;

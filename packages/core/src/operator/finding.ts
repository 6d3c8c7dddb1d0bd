/** What a look at the servers is about. */
export type Check =
  | 'zookeeper'
  | 'state'
  | 'overlord'
  | 'leader'
  | 'auth'
  | 'version'
  | 'capacity'
  | 'supervisor'
  | 'journal'
  | 'endpoint';

/** What one look has found. */
export interface Finding {
  readonly check: Check;
  /** A warning does not keep events from being sent. */
  readonly status: 'ok' | 'warning' | 'failure';
  /** One sentence, with the values that decided. */
  readonly message: string;
  /** What to do, where the message does not say it. */
  readonly remedy?: string;
}

export function ok(check: Check, message: string): Finding {
  return { check, status: 'ok', message };
}

export function warning(check: Check, message: string, remedy?: string): Finding {
  return { check, status: 'warning', message, ...(remedy === undefined ? {} : { remedy }) };
}

export function failure(check: Check, message: string, remedy?: string): Finding {
  return { check, status: 'failure', message, ...(remedy === undefined ? {} : { remedy }) };
}

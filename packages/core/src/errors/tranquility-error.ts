import { errorCodes, type ErrorCode } from './codes.js';

const brand: unique symbol = Symbol.for('tranquility-js.error');

/** What an error may carry beside its message. */
export interface TranquilityErrorOptions {
  /** The error underneath: a socket error, a parser's error. */
  readonly cause?: unknown;
  /** Facts for machines: the task's id, the HTTP status, the URL. Never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * The one error class of Tranquility JS. Tell errors apart by `code`; `retryable` says whether the same call may work
 * later. `instanceof` also holds for errors of another installed copy of this package.
 */
export class TranquilityError extends Error {
  override readonly name = 'TranquilityError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;
  readonly [brand] = true;

  constructor(code: ErrorCode, message: string, options: TranquilityErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = errorCodes[code].retryable;
    this.details = options.details ?? {};
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value;
  }
}

/** The text of anything that was thrown, its causes included: `fetch failed: connect ECONNREFUSED 127.0.0.1:8090`. */
export function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const own = thrown.message === '' ? ((thrown as NodeJS.ErrnoException).code ?? thrown.name) : thrown.message;
  if (thrown.cause === undefined || own.includes(messageOf(thrown.cause))) return own;
  return `${own}: ${messageOf(thrown.cause)}`;
}

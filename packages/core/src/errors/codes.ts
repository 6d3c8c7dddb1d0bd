/**
 * Every error code of Tranquility JS, with whether trying the same thing again may help. `docs/errors.md` explains each;
 * a test holds the two together.
 */
export const errorCodes = {
  TRQ_ABORTED: { retryable: true },
  TRQ_BUFFER_FULL: { retryable: true },
  TRQ_CONFIG_INVALID: { retryable: false },
  TRQ_CONFIG_SYNTAX: { retryable: false },
  TRQ_CONFIG_UNREADABLE: { retryable: false },
  TRQ_DATASOURCE_UNKNOWN: { retryable: false },
  TRQ_DRUID_UNSUPPORTED: { retryable: false },
  TRQ_ENDPOINT_FAILED: { retryable: false },
  TRQ_EVENT_DROPPED: { retryable: false },
  TRQ_EXTENSION_MISSING: { retryable: false },
  TRQ_INTERNAL: { retryable: false },
  TRQ_JOURNAL_CLOSED: { retryable: false },
  TRQ_JOURNAL_FAILED: { retryable: false },
  TRQ_JOURNAL_FORMAT: { retryable: false },
  TRQ_JOURNAL_FULL: { retryable: true },
  TRQ_JOURNAL_LOCKED: { retryable: true },
  TRQ_JOURNAL_SEQUENCE: { retryable: false },
  TRQ_OVERLORD_REFUSED: { retryable: false },
  TRQ_OVERLORD_UNREACHABLE: { retryable: true },
  TRQ_PUSH_FAILED: { retryable: true },
  TRQ_PUSH_REFUSED: { retryable: false },
  TRQ_SENDER_BUSY: { retryable: true },
  TRQ_SENDER_CLOSED: { retryable: false },
  TRQ_SUPERVISOR_CONFLICT: { retryable: false },
  TRQ_SUPERVISOR_UNKNOWN: { retryable: false },
  TRQ_TASK_CONFLICT: { retryable: false },
  TRQ_TASK_GONE: { retryable: false },
  TRQ_TASK_NOT_READY: { retryable: true },
  TRQ_TLS_FAILED: { retryable: false },
  TRQ_ZOOKEEPER_LOCKED: { retryable: true },
  TRQ_ZOOKEEPER_REFUSED: { retryable: false },
  TRQ_ZOOKEEPER_SESSION_EXPIRED: { retryable: true },
  TRQ_ZOOKEEPER_STATE_CORRUPT: { retryable: false },
  TRQ_ZOOKEEPER_UNREACHABLE: { retryable: true },
} as const satisfies Record<string, { retryable: boolean }>;

/** One of the closed set of error codes. */
export type ErrorCode = keyof typeof errorCodes;

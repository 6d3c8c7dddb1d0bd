import type { Logger } from '@tranquility-js/core';
import { pino, type DestinationStream } from 'pino';

/** From the quietest on. */
export const logLevels = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const;

export type LogLevel = (typeof logLevels)[number];

export interface LoggerOptions {
  /** Default: `info`. */
  readonly level?: LogLevel;
  /** Where lines go. Default: standard output, written at once, so that nothing is lost when the process ends. */
  readonly destination?: DestinationStream;
}

/** The engine's logger as lines of JSON, written by pino: `time`, `level` in words, `msg`, and the facts that go with it. */
export function createLogger({ level = 'info', destination }: LoggerOptions = {}): Logger {
  const lines = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
  return {
    error: (message, fields) => lines.error({ ...fields }, message),
    warn: (message, fields) => lines.warn({ ...fields }, message),
    info: (message, fields) => lines.info({ ...fields }, message),
    debug: (message, fields) => lines.debug({ ...fields }, message),
    trace: (message, fields) => lines.trace({ ...fields }, message),
  };
}

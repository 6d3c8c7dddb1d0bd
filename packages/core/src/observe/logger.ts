/** Facts that go with a log line. */
export type LogFields = Readonly<Record<string, unknown>>;

/** What the engine logs to: five levels; pino, winston and most others fit through a few lines. Quiet in normal operation. */
export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  trace(message: string, fields?: LogFields): void;
}

const ignore = (): void => undefined;

/** A logger that says nothing: the default. */
export const silentLogger: Logger = { error: ignore, warn: ignore, info: ignore, debug: ignore, trace: ignore };

import { createLogger, onReload, runUntilStopped, type LogLevel, type StopReport } from '@tranquility-js/operations';
import { createServer } from './server.js';

export interface ServeOptions {
  /** The path of the config file. */
  readonly config: string;
  /** Properties that win over those of the config, by name. */
  readonly properties?: Readonly<Record<string, unknown>>;
  /** Default: `info`. */
  readonly logLevel?: LogLevel;
  /** Where the log goes, a line of JSON each. */
  readonly log: { write(line: string): void };
  /** Calls back each time that somebody wants the process to end. Returns how to stop listening. */
  readonly onInterrupt: (interrupt: () => void) => () => void;
  /** Told where the server listens, once it does. */
  readonly listening?: (urls: readonly string[]) => void;
}

/**
 * A server as a process: it runs until it is told to end, reads its config again on SIGHUP and when the file has changed, and stops
 * gracefully; told to end a second time, it does not wait.
 * @throws what `createServer` throws.
 */
export async function serve(options: ServeOptions): Promise<StopReport> {
  const { config, properties = {}, logLevel = 'info', log, onInterrupt, listening } = options;
  const destination = { write: (line: string) => log.write(line) };
  const logger = createLogger({ level: logLevel, destination });
  const reload = async (): Promise<void> => {
    const changed = await (await starting).reload();
    const what = changed.length === 0 ? 'no dataSource has changed' : `changed: ${changed.join(', ')}`;
    logger.info(`The config was read again; ${what}`, { changed });
  };
  // Before the config is read: it may change while the server starts.
  const stopWatching = onReload(reload, { file: config, logger });
  const starting = createServer({ config, properties, logger });
  try {
    const server = await starting;
    logger.info(`Listens on ${server.urls.join(' and ')}`, { urls: server.urls });
    listening?.(server.urls);
    const report = await runUntilStopped({
      onInterrupt,
      stop: (now) => {
        logger.info('Stops: answers what is under way and sends what there is');
        return server.stop(now);
      },
    });
    for (const left of report.left) logger.error(left);
    logger.info(report.drained ? 'Stopped; nothing is left' : 'Stopped; not everything was sent', { ...report });
    return report;
  } finally {
    stopWatching();
  }
}

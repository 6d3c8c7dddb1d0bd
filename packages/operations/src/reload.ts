import { unwatchFile, watchFile } from 'node:fs';
import { messageOf, type Logger } from '@tranquility-js/core';

export interface ReloadOptions {
  /** The file whose change is a reason to reload. */
  readonly file: string;
  /** How often the file is looked at, in milliseconds. Looking works where files are replaced by links, as in Kubernetes. */
  readonly intervalMillis?: number;
  readonly logger: Logger;
}

/**
 * Calls back on SIGHUP, and when the file has changed; one call at a time, and once more when something came meanwhile. What it throws is
 * logged: the process goes on as it was.
 * @returns ends it.
 */
export function onReload(
  reload: () => Promise<void>,
  { file, intervalMillis = 2000, logger }: ReloadOptions,
): () => void {
  let isRunning = false;
  let isWanted = false;
  const run = async (): Promise<void> => {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    while (isWanted) {
      isWanted = false;
      await reload().catch((error: unknown) => {
        logger.error(`The config was not reloaded; what ran goes on as it was. ${messageOf(error)}`);
      });
    }
    isRunning = false;
  };
  const start = (): void => void run();
  const changed = (now: { readonly mtimeMs: number; readonly ino: number }, before: typeof now): void => {
    // A file that is gone for a moment is one that is being replaced.
    if (now.mtimeMs !== 0 && (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino)) start();
  };
  process.on('SIGHUP', start);
  watchFile(file, { interval: intervalMillis, persistent: false }, changed);
  return () => {
    process.off('SIGHUP', start);
    unwatchFile(file, changed);
  };
}

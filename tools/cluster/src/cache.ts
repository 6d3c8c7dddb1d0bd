import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { Context } from './context.js';

/** The directory that jars and class archives are cached in; see the README for how it is chosen. */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment['TRANQUILITY_CLUSTER_CACHE'];
  if (own !== undefined && own !== '') return resolve(own);
  const xdg = environment['XDG_CACHE_HOME'];
  const base = xdg !== undefined && xdg !== '' ? xdg : join(homedir(), '.cache');
  return resolve(base, 'tranquility-js', 'cluster');
}

/**
 * Makes `path`, a file or a directory, unless it exists. `make` writes to another name beside it, which is renamed when
 * it is complete: nobody ever sees a half of it, and of two processes that make it at once one wins.
 */
export async function makeOnce(
  context: Pick<Context, 'warden'>,
  path: string,
  make: (temporary: string) => Promise<void>,
): Promise<void> {
  if (existsSync(path)) return;
  await mkdir(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  await context.warden.remove(temporary);
  try {
    await make(temporary);
    await rename(temporary, path).catch((error: unknown) => {
      if (!existsSync(path)) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
    await context.warden.keep(temporary).catch(() => undefined);
  }
}

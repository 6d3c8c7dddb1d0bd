import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from '../../cluster/src/cache.js';
import { resolveJars, type JarSet } from '../../cluster/src/jars.js';
import { Warden } from '../../cluster/src/warden.js';
import { temporaryDirectory } from './temporary.js';

const run = promisify(execFile);

/**
 * Compiles a program of ours in Java against jars that Maven brings the first time.
 * @param name its class, which is in the file of that name.
 * @returns its class path.
 */
export async function javaProgram(name: string, set: JarSet): Promise<string> {
  const directory = await temporaryDirectory();
  const warden = await Warden.start();
  const { signal } = new AbortController();
  const log = (line: string): void => {
    process.stderr.write(`[${set.name} ${set.version}] ${line}\n`);
  };
  try {
    const jars = await resolveJars({ warden, directory, cache: cacheDirectory(), log, signal }, set);
    const classPath = join(jars.directory, '*');
    const source = new URL(`../java/${name}.java`, import.meta.url).pathname;
    await run('javac', ['-nowarn', '-cp', classPath, '-d', directory, source]);
    return `${directory}:${classPath}`;
  } finally {
    await warden.close();
  }
}

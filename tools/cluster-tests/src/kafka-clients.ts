import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from '../../cluster/src/cache.js';
import { resolveJars } from '../../cluster/src/jars.js';
import { quickStart } from '../../cluster/src/java.js';
import { Warden } from '../../cluster/src/warden.js';
import { temporaryDirectory } from './temporary.js';

const run = promisify(execFile);
const source = new URL('../java/ReadAll.java', import.meta.url).pathname;

/** What a reader found in each partition: how many records, and the sum of the numbers in them. */
type Found = readonly { readonly count: number; readonly sum: number }[];

/** Reads a topic to its end with the Java client of a version. */
export type JavaReader = (
  bootstrap: string,
  topic: string,
  properties?: Readonly<Record<string, string>>,
) => Promise<Found>;

/** Compiles the reader against the client of a version, whose jars Maven brings the first time. */
export async function javaReader(version: string): Promise<JavaReader> {
  const directory = await temporaryDirectory();
  const warden = await Warden.start();
  const { signal } = new AbortController();
  const log = (line: string): void => {
    process.stderr.write(`[kafka-clients ${version}] ${line}\n`);
  };
  try {
    const set = { name: 'kafka-clients', version, property: 'kafka.version' };
    const jars = await resolveJars({ warden, directory, cache: cacheDirectory(), log, signal }, set);
    const classPath = join(jars.directory, '*');
    await run('javac', ['-cp', classPath, '-d', directory, source]);
    const flags = ['-Xmx256m', ...quickStart, '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];
    return async (bootstrap, topic, properties = {}) => {
      const pairs = Object.entries(properties).map(([name, value]) => `${name}=${value}`);
      const classes = ['-cp', `${directory}:${classPath}`, 'ReadAll'];
      const { stdout } = await run('java', [...flags, ...classes, bootstrap, topic, ...pairs], { timeout: 120_000 });
      return stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' ').map(Number))
        .map(([count = NaN, sum = NaN]) => ({ count, sum }));
    };
  } finally {
    await warden.close();
  }
}

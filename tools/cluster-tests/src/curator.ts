import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from '../../cluster/src/cache.js';
import { temporaryDirectory } from './temporary.js';

const run = promisify(execFile);
const source = new URL('../java/CuratorPeer.java', import.meta.url).pathname;

/** Whose Curator: that of the JVM Tranquility is 2.12, that of Druid 28 is 5.5. */
export type CuratorOf = 'tranquility-0.8.3' | 'druid-28.0.0';

/** A Java program that takes Curator's lock, compiled against the jars that the cluster has in its cache. */
export async function curatorPeer(
  curatorOf: CuratorOf,
): Promise<(connect: string, path: string, times: number, marker: string) => Promise<number>> {
  const jars = join(cacheDirectory(), curatorOf, '*');
  const classes = await temporaryDirectory();
  await run('javac', ['-cp', jars, '-d', classes, source]);
  const flags = [
    '-Xmx128m',
    `-Djava.io.tmpdir=${classes}`,
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    '-cp',
    `${classes}:${jars}`,
  ];
  return async (connect, path, times, marker) => {
    const { stdout } = await run('java', [...flags, 'CuratorPeer', connect, path, String(times), marker]);
    return Number(stdout.trim().split('\n').at(-1));
  };
}

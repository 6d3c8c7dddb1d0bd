import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import type { Cluster } from '@tranquility-js/cluster';
import { cacheDirectory } from '../../cluster/src/cache.js';
import { Child } from './child.js';
import { config, distinct, pageView } from './events.js';

const source = fileURLToPath(new URL('../java/BenchPeer.java', import.meta.url));
const opens = ['java.lang', 'java.util', 'java.nio', 'sun.nio.ch'].map(
  (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
);

/**
 * Starts the JVM Tranquility 0.8.3, with a server's compilers and collector. The cluster must have been started with `peer`.
 * @param sinkPort of what stands for Druid there; with none, the cluster's own Druid is meant.
 */
export async function startPeer(
  cluster: Cluster,
  { dataSource, timestamp, sinkPort }: { dataSource: string; timestamp: number; sinkPort?: number },
): Promise<Child> {
  const { directory, endpoints } = cluster;
  const jars = join(cacheDirectory(), 'tranquility-0.8.3', '*');
  await promisify(execFile)('javac', ['--release', '17', '-cp', jars, '-d', directory, source]);
  const [configFile, eventsFile] = [join(directory, 'bench.json'), join(directory, 'bench.ndjson')];
  await writeFile(configFile, JSON.stringify(config(dataSource, { 'zookeeper.connect': endpoints.zookeeper })));
  const events = Array.from({ length: distinct }, (_, index) => pageView(index, timestamp));
  await writeFile(eventsFile, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  return new Child('BenchPeer', 'java', [
    ...['-Xmx1g', `-Djava.io.tmpdir=${directory}`, ...opens, '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'],
    ...[
      '-cp',
      `${directory}:${jars}`,
      'BenchPeer',
      configFile,
      dataSource,
      eventsFile,
      endpoints.zookeeper,
      ...(sinkPort === undefined ? [] : [String(sinkPort)]),
    ],
  ]);
}

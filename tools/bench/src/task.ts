import { startCluster } from '@tranquility-js/cluster';
import { Child } from './child.js';
import { compare, type Comparison } from './measure.js';
import { startPeer } from './peer.js';
import { play, type Size } from './play.js';

const peerName = 'tranquility-0.8.3';
const pairs = ['objects', 'raw'].flatMap((name) =>
  (['rows per second', 'rows per CPU-second'] as const).map((metric) => ({ name, versus: peerName, metric })),
);

/** Sends the same events with each contestant to a real task of its own. */
export async function benchTask(
  size: Size,
  only: readonly string[],
  tell: (line: string) => void,
): Promise<Comparison[]> {
  const isWanted = (name: string): boolean => only.length === 0 || only.includes(name);
  const children: Child[] = [];
  const cluster = await startCluster({ druid: '28.0.0', peer: true, log: tell });
  try {
    const overlord = cluster.endpoints.druid?.overlord ?? '';
    const timestamp = Date.now();
    const contestants = new Map<string, Child>();
    for (const name of ['objects', 'raw'].filter(isWanted)) {
      contestants.set(name, Child.ofSource('contestant.ts', name, overlord, String(timestamp), `bench_${name}`));
    }
    if (isWanted(peerName)) contestants.set(peerName, await startPeer(cluster, { dataSource: 'bench_jvm', timestamp }));
    children.push(...contestants.values());
    return compare(pairs, await play(contestants, size, tell));
  } finally {
    await Promise.all(children.map((child) => child.end()));
    await cluster.stop();
  }
}

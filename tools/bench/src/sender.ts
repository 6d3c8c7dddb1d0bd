import { startCluster, type Cluster } from '@tranquility-js/cluster';
import { Child } from './child.js';
import { compare, type Comparison } from './measure.js';
import { startPeer } from './peer.js';
import { play, type Size } from './play.js';

const pairs = [
  { name: 'objects', versus: 'tranquility-0.8.3', metric: 'rows per CPU-second' },
  { name: 'objects', versus: 'bare-client', metric: 'rows per second' },
  { name: 'raw', versus: 'objects', metric: 'rows per CPU-second' },
] as const;

/**
 * Sends the same events to the same sink with each contestant.
 * @param only leave out all contestants but these.
 */
export async function benchSender(
  size: Size,
  only: readonly string[],
  tell: (line: string) => void,
): Promise<Comparison[]> {
  const isWanted = (name: string): boolean => only.length === 0 || only.includes(name);
  const children: Child[] = [];
  let cluster: Cluster | undefined;
  try {
    const sink = Child.ofSource('sink.ts');
    children.push(sink);
    const { port } = (await sink.answer()) as { port: number };
    const timestamp = Date.now();
    const contestants = new Map<string, Child>();
    for (const name of ['objects', 'raw', 'bare-client'].filter(isWanted)) {
      contestants.set(name, Child.ofSource('contestant.ts', name, `http://127.0.0.1:${port}`, String(timestamp)));
    }
    children.push(...contestants.values());
    if (isWanted('tranquility-0.8.3')) {
      cluster = await startCluster({ druid: false, peer: true, log: tell });
      const peer = await startPeer(cluster, { dataSource: 'bench', timestamp, sinkPort: port });
      children.push(peer);
      contestants.set('tranquility-0.8.3', peer);
    }
    return compare(pairs, await play(contestants, size, tell));
  } finally {
    await Promise.all(children.map((child) => child.end()));
    await cluster?.stop();
  }
}

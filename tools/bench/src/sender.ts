import { startCluster, type Cluster } from '@tranquility-js/cluster';
import { Child } from './child.js';
import { comparisonOf, metrics, type Comparison, type Round } from './measure.js';
import { startPeer } from './peer.js';

/** What is compared with what, and by which number. */
const comparisons = [
  { name: 'objects', versus: 'tranquility-0.8.3', metric: 'rows per CPU-second' },
  { name: 'objects', versus: 'bare-client', metric: 'rows per second' },
  { name: 'raw', versus: 'objects', metric: 'rows per CPU-second' },
] as const;

/** How much is sent. */
export interface Size {
  readonly rounds: number;
  readonly warmUpRows: number;
  readonly rows: number;
}

/**
 * Sends the same events to the same sink with each contestant in turn, round after round, each a process of its own that stays warm.
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
      const peer = await startPeer(cluster, port, timestamp);
      children.push(peer);
      contestants.set('tranquility-0.8.3', peer);
    }
    return compare(await play(contestants, size, tell));
  } finally {
    await Promise.all(children.map((child) => child.end()));
    await cluster?.stop();
  }
}

/** Has each contestant send in turn, and tells of each round. */
export async function play(
  contestants: ReadonlyMap<string, Child>,
  { rounds, warmUpRows, rows }: Size,
  tell: (line: string) => void,
): Promise<Map<string, Round[]>> {
  const results = new Map<string, Round[]>();
  for (const [name, child] of contestants) {
    await child.answer();
    await child.ask(String(warmUpRows));
    results.set(name, []);
  }
  for (let round = 1; round <= rounds; round++) {
    for (const [name, child] of contestants) {
      const result = (await child.ask(String(rows))) as Round;
      results.get(name)?.push(result);
      const shown = Object.entries(metrics).map(([metric, rate]) => `${Math.round(rate(result))} ${metric}`);
      tell(`round ${round} ${name}: ${shown.join(', ')}`);
    }
  }
  return results;
}

function compare(results: ReadonlyMap<string, Round[]>): Comparison[] {
  return comparisons.flatMap(({ name, versus, metric }) => {
    const [our, their] = [results.get(name), results.get(versus)];
    if (our === undefined || their === undefined) return [];
    return [comparisonOf({ name, versus, metric }, our, their)];
  });
}

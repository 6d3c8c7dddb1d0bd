import { Child } from './child.js';
import { compare, type Comparison } from './measure.js';
import { play, type Size } from './play.js';

const pairs = ['writable', 'operator'].map(
  (name) => ({ name, versus: 'objects', metric: 'rows per CPU-second' }) as const,
);

/** What the Writable and the operator for RxJS cost beside the sender that they stand on. */
export async function benchStreams(
  size: Size,
  only: readonly string[],
  tell: (line: string) => void,
): Promise<Comparison[]> {
  const children: Child[] = [];
  try {
    const sink = Child.ofSource('sink.ts');
    children.push(sink);
    const { port } = (await sink.answer()) as { port: number };
    const [url, timestamp] = [`http://127.0.0.1:${port}`, String(Date.now())];
    const names = ['objects', 'writable', 'operator'].filter((name) => only.length === 0 || only.includes(name));
    const contestants = new Map(names.map((name) => [name, Child.ofSource('contestant.ts', name, url, timestamp)]));
    children.push(...contestants.values());
    return compare(pairs, await play(contestants, size, tell));
  } finally {
    await Promise.all(children.map((child) => child.end()));
  }
}

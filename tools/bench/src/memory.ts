import { Child } from './child.js';
import { comparison, type Comparison, type Round } from './measure.js';

const [early, late] = [1_000_000, 10_000_000];
const megabyte = 1_048_576;

/** How much memory the sender has after a million rows and after ten million: it must not grow with what has passed. */
export async function benchMemory(only: readonly string[], tell: (line: string) => void): Promise<Comparison[]> {
  const children: Child[] = [];
  try {
    const sink = Child.ofSource('sink.ts');
    children.push(sink);
    const { port } = (await sink.answer()) as { port: number };
    const results: Comparison[] = [];
    for (const name of ['objects', 'raw'].filter((known) => only.length === 0 || only.includes(known))) {
      const child = Child.ofSource('contestant.ts', name, `http://127.0.0.1:${port}`, String(Date.now()));
      children.push(child);
      await child.answer();
      const sizes: number[] = [];
      for (let rows = early; rows <= late; rows += early) {
        const { memory = NaN } = (await child.ask(String(early))) as Round;
        sizes.push(memory / megabyte);
        tell(`${name}: ${(memory / megabyte).toFixed(1)} MiB after ${rows} rows`);
      }
      const metric = `MiB resident after ${late} rows, against after ${early}`;
      results.push(comparison(name, name, metric, sizes.at(-1) ?? NaN, sizes[0] ?? NaN));
    }
    return results;
  } finally {
    await Promise.all(children.map((child) => child.end()));
  }
}

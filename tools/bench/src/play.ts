import type { Child } from './child.js';
import { rates, type Round } from './measure.js';

/** How much is sent. */
export interface Size {
  readonly rounds: number;
  readonly warmUpRows: number;
  readonly rows: number;
}

/** Lets each contestant send the same events in turn, round after round, each a process of its own that stays warm. */
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
      tell(`round ${round} ${name}: ${rates(result)}`);
    }
  }
  return results;
}

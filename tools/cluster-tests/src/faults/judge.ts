import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from '../druid.js';
import type { Figures } from '../proof.js';
import { blockRows, Ledger, rowKey } from './ledger.js';
import { gapsIn, textOf, type Losses } from './losses.js';

export interface Judged {
  readonly dataSource: string;
  /** The file of the ledger. */
  readonly ledger: string;
  readonly losses: Losses;
  /** How long Druid may take to show what was accepted, in milliseconds. */
  readonly patience: number;
}

/** Numbers that are read from Druid at once. */
const atOnce = 100_000;

/**
 * Waits until Druid has exactly what it should: each row that was acknowledged, once, but for those that were destroyed, which must be those
 * that the log reported; of what was in doubt when the process died, each row once or not at all; and nothing else.
 * @throws Error with all that is not so.
 */
export async function judge({ dataSource, ledger: path, losses, patience }: Judged): Promise<Figures> {
  const deadline = Date.now() + patience;
  for (;;) {
    const ledger = Ledger.read(path);
    const [sent, acked] = [ledger.rows('sent'), ledger.rows('acked')];
    const reported = losses.reportedBy(ledger);
    const found = await rowsInDruid(dataSource, ledger.nextBlock * blockRows);
    const lost = [...acked].filter((key) => !found.has(key));
    const wrongs = [
      wrong('were acknowledged, are not in Druid, and were not reported as lost', lost, (key) => !reported.has(key)),
      wrong(
        'were destroyed, are not in Druid, and were not reported as lost',
        losses.rows,
        (key) => !found.has(key) && !reported.has(key),
      ),
      wrong('were reported as lost, and are in Druid', reported, (key) => found.has(key)),
      wrong('are in Druid more than once', found.keys(), (key) => (found.get(key) ?? 0) > 1),
      wrong('are in Druid, and were never sent', found.keys(), (key) => !sent.has(key)),
    ].filter((text) => text !== undefined);
    if (wrongs.length === 0) {
      const numbers = new Set([...found.keys()].map((key) => Math.floor(key / rowKey(1, 0))));
      return {
        'rows acknowledged': acked.size,
        'lost, and reported to the row': lost.length,
        'sent twice by the source, as they were in doubt, and there twice': found.size - numbers.size,
        'lives of the process': ledger.lives,
        'gaps told': gapsIn(ledger),
      };
    }
    if (Date.now() > deadline) {
      const log = ledger.told.slice(-30).map(textOf).join('\n');
      throw new Error(
        `Of ${acked.size} rows that were acknowledged: ${wrongs.join('; ')}.\nThe sender’s log ends so:\n${log}`,
      );
    }
    await sleep(3_000);
  }
}

/** How many rows are wrong in this way, and the first of them; `undefined` when none is. */
function wrong(how: string, keys: Iterable<number>, isWrong: (key: number) => boolean): string | undefined {
  const found = [...keys].filter(isWrong);
  const some = found.slice(0, 3).map((key) => `${Math.floor(key / rowKey(1, 0))} of life ${key % rowKey(1, 0)}`);
  return found.length === 0 ? undefined : `${found.length} ${how}, such as ${some.join(', ')}`;
}

/** How often each row is in Druid, by its key. */
async function rowsInDruid(dataSource: string, end: number): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  for (let from = 0; from < end; from += atOnce) {
    const query = `SELECT "n", "life" FROM "${dataSource}" WHERE "n" >= ${from} AND "n" < ${from + atOnce}`;
    for (const { n, life } of await sql(query)) {
      const key = rowKey(Number(n), Number(life));
      found.set(key, (found.get(key) ?? 0) + 1);
    }
  }
  return found;
}

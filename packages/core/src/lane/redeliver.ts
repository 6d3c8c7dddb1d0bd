import type { Beam, Destination } from '../beam/beam.js';
import { isOutcomeList, sent, type Outcome, type Outcomes } from '../event/outcome.js';
import { BlockPool, RowBatch } from '../event/row-batch.js';

interface Part {
  readonly rows: RowBatch;
  /** Where its rows stand among all. */
  readonly places: number[];
}

/**
 * Delivers rows that were written for another beam of the same dataSource.
 * @param before what became of them so far: only those that failed are delivered.
 */
export async function redeliver(rows: RowBatch, beam: Beam, signal: AbortSignal, before?: Outcomes): Promise<Outcomes> {
  const outcomes: Outcome[] = Array.from(
    { length: rows.count },
    (_, place) => (isOutcomeList(before) ? before[place] : undefined) ?? sent,
  );
  const parts = new Map<Destination, Part>();
  const blocks = new BlockPool();
  for (const [place, row] of rows.slice().rows.entries()) {
    if (isOutcomeList(before) && before[place]?.status !== 'failed') continue;
    const destination = beam.routeRow(row, rows.timestamps[place] ?? NaN);
    if ('reason' in destination) {
      outcomes[place] = destination;
      continue;
    }
    const part = parts.get(destination) ?? { rows: new RowBatch(blocks), places: [] };
    parts.set(destination, part);
    const refused = beam.write(part.rows);
    if (refused === undefined) part.places.push(place);
    else outcomes[place] = refused;
  }
  await Promise.all(
    [...parts].map(async ([destination, part]) => {
      const found = await destination.deliver(part.rows, signal);
      for (const [index, place] of part.places.entries()) {
        outcomes[place] = (isOutcomeList(found) ? found[index] : found) ?? sent;
      }
    }),
  );
  return outcomes.every((outcome) => outcome === sent) ? sent : outcomes;
}

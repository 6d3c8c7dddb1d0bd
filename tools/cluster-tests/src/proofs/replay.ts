import { configFile, coordinatedBy, grid, modes, type Mode } from '../config.js';
import { flights } from '../flights.js';
import { linesOf } from '../lines.js';
import { assertPartitioned } from '../partitions.js';
import type { Case, Proof } from '../proof.js';
import { assertDelivered, Push } from '../push.js';
import { assertInDruid } from '../sums.js';
import { temporaryFile } from '../temporary.js';

const sizes = { small: 250_000, full: 1_000_000 };
const span = 8 * 60_000;

export const replay: Proof = {
  name: 'replay',
  promise: 'A file of real events is in Druid as it was sent, each rolled up in one partition',
  cases: modes.map(replayed),
};

function replayed(mode: Mode): Case {
  return {
    name: `two partitions of two replicas, coordinated by ${mode}`,
    async run({ size, tell, dataSource }) {
      const name = dataSource(`replay_${mode}`);
      const events = sizes[size];
      const now = Date.now();
      const sent = await flights(events, now - span, now);
      const file = await temporaryFile('flights.ndjson', linesOf(sent));
      const config = await configFile(name, {
        segmentGranularity: 'HOUR',
        queryGranularity: 'MINUTE',
        windowPeriod: 'PT30M',
        properties: { ...coordinatedBy(mode), ...grid },
      });

      tell(`Pushing ${events} flights from a file`);
      const result = await new Push(['-configFile', config, file]).result();
      assertDelivered(result, events);
      tell('Comparing sums by origin and destination in SQL with those of the file');
      await assertInDruid(name, sent, ['origin', 'destination']);
      tell('Asking each task for its rows');
      const figures = await assertPartitioned(name, { events, partitions: 2, replicants: 2 });
      return { events, 'seconds of push': result.summary?.seconds ?? 0, ...figures };
    },
  };
}

import { strict as assert } from 'node:assert';
import { pushWithPeer } from '../cluster.js';
import { configFile, configOf, coordinatedBy, grid, type ConfigParts } from '../config.js';
import { tasksOf } from '../druid.js';
import { flights, type Flight } from '../flights.js';
import { linesOf } from '../lines.js';
import { assertPartitioned } from '../partitions.js';
import type { Case, Proof } from '../proof.js';
import { assertDelivered, Push } from '../push.js';
import { assertInDruid } from '../sums.js';
import { temporaryFile } from '../temporary.js';

const sizes = { small: 25_000, full: 250_000 };
const first = 1_000;

type Writer = (name: string, parts: ConfigParts, events: readonly Flight[]) => Promise<void>;

const ours: Writer = async (name, parts, events) => {
  const file = await temporaryFile('ours.ndjson', linesOf(events));
  assertDelivered(await new Push(['-configFile', await configFile(name, parts), file]).result(), events.length);
};

const theirs: Writer = async (name, parts, events) => {
  const file = await temporaryFile('theirs.ndjson', linesOf(events));
  const result = await pushWithPeer({ config: configOf(name, parts), dataSource: name, events: file });
  assert.deepEqual(result, { sent: events.length, dropped: 0, failed: 0, error: null });
};

export const peer: Proof = {
  name: 'peer',
  promise: 'Three of our processes and a JVM Tranquility 0.8.3 share one set of tasks, and partition alike',
  cases: [
    together('ours makes the tasks', 'peer_ours_begins', ours),
    together('the JVM makes the tasks', 'peer_jvm_begins', theirs),
    together('all begin at once', 'peer_at_once'),
  ],
};

/** One writer makes the tasks, if it is given; then all four push at once. */
function together(name: string, id: string, begin?: Writer): Case {
  return {
    name,
    async run({ size, tell, dataSource }) {
      const each = sizes[size];
      const table = dataSource(id);
      const parts = {
        segmentGranularity: 'HOUR',
        queryGranularity: 'MINUTE',
        windowPeriod: 'PT30M',
        properties: { ...coordinatedBy('zookeeper'), ...grid },
      };
      const now = Date.now();
      const sent = await flights(4 * each, now - 60_000, now);
      const ofWriter = (writer: number): Flight[] => sent.filter((_, index) => index % 4 === writer);
      const begun = begin === undefined ? [] : await flights(first, now - 60_000, now);

      if (begin !== undefined) {
        tell(`Making the tasks with ${first} events: ${name}`);
        await begin(table, parts, begun);
      }
      tell(`Pushing ${each} events with each of four processes at once`);
      await Promise.all([ours, ours, ours, theirs].map((write, writer) => write(table, parts, ofWriter(writer))));
      const all = [...begun, ...sent];
      await assertInDruid(table, all);
      const figures = await assertPartitioned(table, { events: all.length, partitions: 2, replicants: 2 });
      return { events: all.length, tasks: (await tasksOf(table)).size, ...figures };
    },
  };
}

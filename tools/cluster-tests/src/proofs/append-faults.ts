import type { ClusterOptions } from '@tranquility-js/cluster';
import { freePort } from '@tranquility-js/ports';
import { pulledByIndexer, pulledByMiddleManager } from '../cluster-options.js';
import { endpoints } from '../cluster.js';
import { tasksOf } from '../druid.js';
import { FaultProxy } from '../fault-proxy.js';
import { Arena } from '../faults/arena.js';
import { faultsOfBatches } from '../faults/faults-of-batches.js';
import { faultsOfDruid } from '../faults/faults-of-druid.js';
import { faultsOfOurs } from '../faults/faults-of-ours.js';
import { judge } from '../faults/judge.js';
import type { Case, Proof } from '../proof.js';
import { Seeded } from '../seeded.js';

const faults = { ...faultsOfOurs, ...faultsOfDruid, ...faultsOfBatches };

/** How often each fault happens in full size; in the small one, each that is marked happens once. */
type Plan = readonly (readonly [fault: keyof typeof faults, times: number, inSmall?: 'in small'])[];

const withMiddleManager: Plan = [
  ['kill -9 of us while a batch is under way', 5, 'in small'],
  ['kill -9 of us within an append', 3],
  ['kill -9 of us, and again while it recovers', 2],
  ['we stand still', 1],
  ['kill -9 of a task', 4],
  ['kill -9 of a task that has published', 5, 'in small'],
  ['the overlord is stopped and started', 2],
  ['kill -9 of the overlord', 2],
  ['answers of the overlord are lost', 4, 'in small'],
  ['the overlord is not reached', 2],
];

const withIndexer: Plan = [
  ['kill -9 of us while a batch is under way', 6],
  ['kill -9 of us within an append', 2],
  ['kill -9 of the Indexer', 4],
  ['the Indexer stands still', 2],
  ['kill -9 of the overlord', 2],
  ['answers of the overlord are lost', 4],
];

/** Blocks of a hundred events that are acknowledged between two faults: from and up to. */
const sizes = { small: { least: 3, most: 8 }, full: { least: 5, most: 25 } };
const perSecond = 500;
/** The same faults in the same order, each time. */
const seed = 11;
/** How long Druid may take to show all of it at the end, in milliseconds. */
const patience = 240_000;

export const appendFaults: Proof = {
  name: 'append-faults',
  promise: 'Fifty faults: each event that was acknowledged is appended once, from a source that cannot send it again',
  cases: [
    survived('a middle manager', pulledByMiddleManager, withMiddleManager),
    { ...survived('an Indexer', pulledByIndexer, withIndexer), isForFullSize: true },
  ],
};

function survived(worker: string, cluster: ClusterOptions, plan: Plan): Case {
  return {
    name: `with ${worker}`,
    cluster,
    async run({ size, tell, dataSource }) {
      const { least, most } = sizes[size];
      const name = dataSource('appended_faulty');
      const chance = new Seeded(seed);
      const planned = plan.flatMap(([fault, times, inSmall]) =>
        Array.from({ length: size === 'full' ? times : inSmall === undefined ? 0 : 1 }, () => fault),
      );
      await using proxy = await FaultProxy.to(new URL(endpoints().overlord).host);
      const port = await freePort();
      const properties = {
        'druid.overlord.urls': `http://${proxy.address}`,
        'tranquility.lane': 'append',
        'append.endpoint.port': String(port),
        'append.inlineBytes': '50000',
        'append.maxAge': 'PT1S',
        // So that a task lives on for a while when it has published.
        'append.awaitAvailability': 'PT5S',
      };
      await using arena = await Arena.open({ dataSource: name, perSecond, chance, tell, properties });
      await arena.start();
      for (const [index, fault] of chance.shuffled(planned).entries()) {
        await arena.acknowledged(chance.whole(least, most));
        tell(`${index + 1} of ${planned.length}: ${fault}`);
        await faults[fault](arena, proxy);
      }
      await arena.acknowledged(least);
      arena.sender.tell({ do: 'pause' });
      await arena.settled();
      tell('No more events: comparing each row with what was acknowledged');
      const { dataSource: judged, ledgerFile: ledger, losses } = arena;
      const figures = await judge({ dataSource: judged, ledger, losses, patience }).catch(async (error: unknown) => {
        tell(`Tasks that have not ended: ${await unendedTasks(name)}`);
        throw error;
      });
      return { faults: planned.length, ...figures };
    },
  };
}

async function unendedTasks(dataSource: string): Promise<string> {
  const tasks = [...(await tasksOf(dataSource)).values()].filter(({ statusCode }) => statusCode === 'RUNNING');
  return tasks.map(({ id, runnerStatusCode }) => `${id} (${runnerStatusCode})`).join(', ') || 'none';
}

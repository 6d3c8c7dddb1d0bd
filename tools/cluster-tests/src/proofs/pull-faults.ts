import type { ClusterOptions } from '@tranquility-js/cluster';
import { pulledByIndexer, pulledByMiddleManager } from '../cluster-options.js';
import { Arena } from '../faults/arena.js';
import type { Fault } from '../faults/fault.js';
import { faultsOfDisks } from '../faults/faults-of-disks.js';
import { faultsOfDruid } from '../faults/faults-of-druid.js';
import { faultsOfOurs } from '../faults/faults-of-ours.js';
import { judge } from '../faults/judge.js';
import type { Case, Proof } from '../proof.js';
import { Seeded } from '../seeded.js';

type FaultName = keyof (typeof faultsOfOurs & typeof faultsOfDruid & typeof faultsOfDisks);

const faults: Readonly<Record<FaultName, Fault>> = { ...faultsOfOurs, ...faultsOfDruid, ...faultsOfDisks };

/** How often each fault happens in full size; in the small one, each that is marked happens once. */
type Plan = readonly (readonly [fault: FaultName, times: number, inSmall?: 'in small'])[];

const withIndexer: Plan = [
  ['kill -9 of us', 3],
  ['kill -9 of us within an append', 4, 'in small'],
  ['kill -9 of us while a file of the journal follows another', 3, 'in small'],
  ['kill -9 of us, and again while it recovers', 4, 'in small'],
  ['we stand still', 2],
  ['the journal may have no more', 1],
  ['the disk is full', 1, 'in small'],
  ['kill -9 of the Indexer', 1],
  ['kill -9 of the Indexer while a task publishes', 2, 'in small'],
  ['the Indexer stands still', 2],
  ['a byte is flipped while we are down', 2, 'in small'],
  ['a byte is flipped while we run', 2, 'in small'],
  ['the end of a file is torn off while we are down', 2, 'in small'],
  ['the disk is lost while we are down', 1, 'in small'],
];

const withMiddleManager: Plan = [
  ['kill -9 of a task', 3, 'in small'],
  ['kill -9 of a task that publishes', 3, 'in small'],
  ['the overlord is stopped and started', 1, 'in small'],
  ['kill -9 of the overlord', 1],
  ['a task publishes, and another goes on', 2],
  ['suspended and resumed', 1],
  ['another number of partitions', 3, 'in small'],
  ['another schema', 2, 'in small'],
  ['kill -9 of us', 1],
  ['we stand still', 1],
  ['a byte is flipped while we are down', 1],
  ['the disk is lost while we are down', 1],
];

/** Blocks of a hundred events that are acknowledged between two faults: from and up to. */
const sizes = {
  small: { perSecond: 500, least: 5, most: 15 },
  full: { perSecond: 1_000, least: 10, most: 60 },
};
/** The same faults in the same order, each time. */
const seed = 7;
/** How long Druid may take to show all of it at the end, in milliseconds. */
const patience = 240_000;

export const pullFaults: Proof = {
  name: 'pull-faults',
  promise:
    'Fifty faults: what was acknowledged is in Druid once, or is reported as lost where its bytes were destroyed',
  cases: [
    survived('an Indexer', pulledByIndexer, withIndexer, 2),
    survived('a middle manager', pulledByMiddleManager, withMiddleManager, 1),
  ],
};

function survived(worker: string, cluster: ClusterOptions, plan: Plan, partitions: number): Case {
  return {
    name: `with ${worker}`,
    cluster,
    async run({ size, tell, dataSource }) {
      const { perSecond, least, most } = sizes[size];
      const name = dataSource('faulty');
      const chance = new Seeded(seed);
      const planned = plan.flatMap(([fault, times, inSmall]) =>
        Array.from({ length: size === 'full' ? times : inSmall === undefined ? 0 : 1 }, () => fault),
      );
      await using arena = await Arena.open({ dataSource: name, perSecond, chance, tell });
      arena.partitions = partitions;
      await arena.start();
      for (const [index, fault] of chance.shuffled(planned).entries()) {
        await arena.acknowledged(chance.whole(least, most));
        tell(`${index + 1} of ${planned.length}: ${fault}`);
        await faults[fault](arena);
      }
      await arena.acknowledged(least);
      arena.sender.tell({ do: 'pause' });
      await arena.settled();
      tell('No more events: comparing each row with what was acknowledged and what was reported');
      const { dataSource: judged, ledgerFile: ledger, losses } = arena;
      const figures = await judge({ dataSource: judged, ledger, losses, patience });
      return { faults: planned.length, ...figures };
    },
  };
}

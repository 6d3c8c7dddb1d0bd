import { strict as assert } from 'node:assert';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterOptions } from '@tranquility-js/cluster';
import { pulledByIndexer, pulledByMiddleManager } from '../cluster-options.js';
import { until } from '../druid.js';
import { Arena } from '../faults/arena.js';
import { peonsOf, publishes } from '../faults/faults-of-druid.js';
import { judge } from '../faults/judge.js';
import { gapsIn } from '../faults/losses.js';
import type { Case, Proof, Size } from '../proof.js';
import { Seeded } from '../seeded.js';
import { actOnSupervisor, supervisorTasks, suspendAndPublish } from '../supervisor.js';

/** Blocks of a hundred events between two roll-overs. */
const sizes = {
  small: { perSecond: 1_000, between: 30 },
  full: { perSecond: 2_000, between: 60 },
};
const segmentBytes = 262_144;
/** Every so many roll-overs one has a task killed. */
const killEvery = 2;
/** How long Druid may take to publish, or to show all of it, in milliseconds. */
const patience = 180_000;
/** How long tasks may take to come, and our looks at them, until what they do not need is removed. */
const turn = 20_000;

export const pullRetention: Proof = {
  name: 'pull-retention',
  promise: 'The journal keeps what Druid may ask for again, and no more: its disk is bounded, and no row is missing',
  cases: [
    bounded('roll-over after roll-over, with an Indexer', pulledByIndexer, { small: 3, full: 40 }, false),
    bounded(
      'the same with a middle manager, and tasks that are killed between',
      pulledByMiddleManager,
      { small: 2, full: 12 },
      true,
    ),
  ],
};

function bounded(name: string, cluster: ClusterOptions, rollOvers: Record<Size, number>, kills: boolean): Case {
  return {
    name,
    cluster,
    async run({ size, tell, dataSource }) {
      const { perSecond, between } = sizes[size];
      const rolls = rollOvers[size];
      const properties = {
        'journal.segmentBytes': String(segmentBytes),
        'journal.reservePeriod': 'PT5S',
        'pull.taskDuration': 'PT1M',
      };
      const chance = new Seeded(1);
      await using arena = await Arena.open({ dataSource: dataSource('kept'), perSecond, chance, tell, properties });
      arena.partitions = 2;
      await arena.start();
      await using disk = new DiskWatch(arena.journal);
      for (let roll = 1; roll <= rolls; roll++) {
        await arena.acknowledged(between);
        tell(`Roll-over ${roll} of ${rolls}, with ${disk.last} bytes in the journal`);
        await publishes(arena);
        if (kills && roll % killEvery === 0) {
          const [peon] = await peonsOf(arena);
          if (peon !== undefined) process.kill(peon.pid, 'SIGKILL');
        }
        await untilPublished(arena);
      }
      arena.sender.tell({ do: 'pause' });
      await arena.settled();
      // Nothing is needed any more. What is left is the last file of each partition, which may still be written to.
      const left = segmentBytes * arena.partitions;
      tell(`No more events: waiting until the journal has no more than ${left} bytes`);
      const atEnd = await until(
        async () => {
          // A task that was killed has to come back before it can publish, which takes another turn.
          await suspendAndPublish(arena.dataSource);
          await actOnSupervisor(arena.dataSource, 'resume');
          return until(
            () => Promise.resolve(disk.last),
            (bytes) => bytes <= left,
            turn,
          );
        },
        (bytes) => bytes <= left,
        patience,
      );
      assert.ok(atEnd <= left, `The journal has ${atEnd} bytes at the end.`);
      const { dataSource: judged, ledgerFile: ledger, losses } = arena;
      const figures = await judge({ dataSource: judged, ledger, losses, patience });
      assert.equal(gapsIn(arena.ledger), 0, 'gaps that Druid was served over');
      const written = arena.ledger.acknowledged;
      if (size === 'full') assert.ok(disk.greatest < disk.written / 2, `The journal had ${disk.greatest} bytes.`);
      return {
        'roll-overs': rolls,
        'blocks of 100 rows': written,
        'bytes written': disk.written,
        'bytes in the journal, at most': disk.greatest,
        'bytes in the journal at the end': atEnd,
        ...figures,
      };
    },
  };
}

/** Waits until nobody publishes and somebody reads. */
async function untilPublished({ dataSource }: Arena): Promise<void> {
  const { active, publishing } = await until(
    () => supervisorTasks(dataSource),
    (tasks) => tasks.publishing.length === 0 && tasks.active.length > 0,
    patience,
  );
  if (publishing.length > 0 || active.length === 0) throw new Error(`${publishing.join(', ')} did not publish.`);
}

/** Looks at the size of a journal again and again. */
class DiskWatch implements AsyncDisposable {
  readonly #directory: string;
  readonly #ending = new AbortController();
  readonly #watching: Promise<void>;
  /** The sizes of all files that there ever were. */
  readonly #sizes = new Map<string, number>();
  last = 0;
  greatest = 0;

  constructor(directory: string) {
    this.#directory = directory;
    this.#watching = this.#watch();
  }

  /** The bytes of all files that were seen. */
  get written(): number {
    return sum(this.#sizes.values());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const sizes = await sizesIn(this.#directory);
      for (const [path, bytes] of sizes) this.#sizes.set(path, bytes);
      this.last = sum(sizes.values());
      this.greatest = Math.max(this.greatest, this.last);
      await sleep(200);
    }
  }
}

/** The files with rows, and their sizes. Those that go at this moment are left out. */
async function sizesIn(directory: string): Promise<Map<string, number>> {
  const names = await readdir(directory, { recursive: true }).catch(() => []);
  const sizes = new Map<string, number>();
  for (const name of names.filter((candidate) => candidate.endsWith('.log'))) {
    const path = join(directory, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined) sizes.set(path, found.size);
  }
  return sizes;
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, number) => total + number, 0);

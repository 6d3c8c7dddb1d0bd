import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../druid.js';
import { numberedDimensions } from '../numbered.js';
import type { Arena } from './arena.js';
import type { Fault } from './fault.js';

/** How long a process that is to die may live on, until what it waits for happens, in milliseconds. */
const patience = 60_000;

/** What happens to the process that sends; nothing that was written is lost. */
export const faultsOfOurs = {
  async 'kill -9 of us'(arena) {
    await sleep(arena.chance.whole(0, 1_000));
    await arena.sender.kill();
    await arena.start();
  },
  async 'kill -9 of us within an append'(arena) {
    arena.sender.tell({ do: 'die', at: 'append', turns: arena.chance.whole(0, 200) });
    await arena.sender.ended();
    await arena.start();
  },
  async 'kill -9 of us while a file of the journal follows another'(arena) {
    arena.sender.tell({ do: 'die', at: 'roll', turns: arena.chance.whole(0, 50) });
    await arena.sender.ended();
    await arena.start();
  },
  async 'kill -9 of us, and again while it recovers'(arena) {
    await arena.sender.kill();
    for (let times = arena.chance.whole(1, 4); times > 0; times--) await arena.startAndDie(arena.chance.whole(0, 60));
    await arena.start();
  },
  async 'we stand still'(arena) {
    arena.sender.signal('SIGSTOP');
    await sleep(arena.chance.whole(1_000, 8_000));
    arena.sender.signal('SIGCONT');
  },
  async 'the journal may have no more'(arena) {
    await arena.sender.stop();
    await full(arena, { 'journal.maxBytes': '1048576' });
  },
  async 'the disk is full'(arena) {
    await arena.sender.stop();
    // As much is to be left free as no disk has.
    await full(arena, { 'journal.minFreeBytes': '999999999999999' });
  },
  async 'another number of partitions'(arena) {
    await arena.sender.stop();
    arena.partitions = arena.chance.of([1, 2, 3, 4].filter((count) => count !== arena.partitions));
    arena.tell(`${arena.partitions} partitions`);
    await arena.start();
  },
  async 'another schema'(arena) {
    await arena.sender.stop();
    arena.dimensions = arena.dimensions.includes('user') ? numberedDimensions : [...numberedDimensions, 'user'];
    await arena.start();
  },
} satisfies Record<string, Fault>;

/** Sends into a journal that takes no more until it says so, and dies so. */
async function full(arena: Arena, properties: Readonly<Record<string, string>>): Promise<void> {
  const { lives } = arena.ledger;
  const isTold = (): boolean =>
    arena.ledger.told.some(({ message }, index) => index >= toldBefore && message.includes('takes no more events'));
  const toldBefore = arena.ledger.told.length;
  await arena.start(properties);
  const told = await until(() => Promise.resolve(isTold()), Boolean, patience);
  if (!told) throw new Error(`The journal of life ${lives + 1} did not get full.`);
  await arena.sender.kill();
  await arena.start();
}

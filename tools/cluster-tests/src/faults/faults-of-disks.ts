import { open, rm, truncate } from 'node:fs/promises';
import { actOnSupervisor, suspendAndPublish } from '../supervisor.js';
import type { Arena } from './arena.js';
import type { Fault } from './fault.js';
import { batchesIn, type StoredBatch } from './journal-batches.js';
import { blockRows, rowKey } from './ledger.js';

/** Blocks that are written while nobody reads. */
const unreadBlocks = 20;

/** What destroys bytes that Druid has not read. All that was read before is published, so that nothing of it is asked for again. */
export const faultsOfDisks = {
  async 'a byte is flipped while we are down'(arena) {
    const { all, unread } = await batchesUnread(arena);
    await arena.sender.kill();
    await flip(arena, all, arena.chance.of(unread));
    await goOn(arena);
  },
  async 'a byte is flipped while we run'(arena) {
    const { all, unread } = await batchesUnread(arena);
    await flip(arena, all, arena.chance.of(unread));
    await actOnSupervisor(arena.dataSource, 'resume');
    arena.sender.tell({ do: 'go on' });
  },
  async 'the end of a file is torn off while we are down'(arena) {
    await batchesUnread(arena);
    await arena.sender.kill();
    // Of one partition, the last file: what was written last.
    const all = await batchesIn(arena.journal, arena.losses.places);
    arena.losses.know(all);
    const ends = unreadOf(all, arena).filter(({ partition, offset }) =>
      all.every((other) => other.partition !== partition || other.offset <= offset),
    );
    const last = arena.chance.of(ends);
    arena.losses.destroyed([last]);
    await truncate(last.path, last.position + arena.chance.whole(1, last.size));
    await goOn(arena);
  },
  async 'the disk is lost while we are down'(arena) {
    const { all, unread } = await batchesUnread(arena);
    await arena.sender.kill();
    arena.losses.know(all);
    arena.losses.destroyed(unread);
    await rm(arena.journal, { recursive: true });
    await goOn(arena);
  },
} satisfies Record<string, Fault>;

/** The first block that Druid cannot have read. */
const firstUnread = new WeakMap<Arena, number>();

/** Lets Druid publish and read no more, and events come until some are unread; then none come. */
async function batchesUnread(arena: Arena): Promise<{ all: readonly StoredBatch[]; unread: readonly StoredBatch[] }> {
  await suspendAndPublish(arena.dataSource);
  firstUnread.set(arena, arena.ledger.nextBlock);
  await arena.acknowledged(unreadBlocks);
  arena.sender.tell({ do: 'pause' });
  await arena.settled();
  const all = await batchesIn(arena.journal, arena.losses.places);
  return { all, unread: unreadOf(all, arena) };
}

function unreadOf(all: readonly StoredBatch[], arena: Arena): StoredBatch[] {
  const least = rowKey((firstUnread.get(arena) ?? 0) * blockRows, 0);
  return all.filter(({ rows }) => rows.every((key) => key >= least));
}

async function flip(arena: Arena, all: readonly StoredBatch[], batch: StoredBatch): Promise<void> {
  arena.losses.know(all);
  arena.losses.destroyed([batch]);
  const file = await open(batch.path, 'r+');
  try {
    const position = batch.position + arena.chance.whole(0, batch.size);
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, position);
    await file.write(Buffer.from([(buffer[0] ?? 0) ^ (1 << arena.chance.whole(0, 8))]), 0, 1, position);
  } finally {
    await file.close();
  }
}

async function goOn(arena: Arena): Promise<void> {
  await arena.start();
  await actOnSupervisor(arena.dataSource, 'resume');
}

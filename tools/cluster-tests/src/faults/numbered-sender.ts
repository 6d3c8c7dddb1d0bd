/** A process that sends numbered events until it is told to stop, or dies: see {@link SenderProcess}, which starts it. */
import { readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSender, type Logger } from '@tranquility-js/core';
import { numberedEvent } from '../numbered.js';
import { blockRows, Ledger, note } from './ledger.js';
import type { Order, SenderOptions } from './sender-process.js';

const [options = ''] = process.argv.slice(2);
const { config, ledger: path, journal, perSecond, dieInRecovery } = JSON.parse(options) as SenderOptions;
const before = Ledger.read(path);
const life = before.lives + 1;
/** Blocks under way at the same time, at most. */
const mostUnderWay = 20;

note(path, { kind: 'life', life });

const die = (): void => {
  process.kill(process.pid, 'SIGKILL');
};
/** Dies after so many turns of the event loop: a turn takes less than a millisecond. */
const dieAfterTurns = (turns: number): void => {
  if (turns <= 0) die();
  else setImmediate(dieAfterTurns, turns - 1);
};

/** What it was told last, and has to heed between two blocks. */
const told: { isPaused: boolean; isStopped: boolean; dieAtAppend?: number } = { isPaused: false, isStopped: false };

process.on('disconnect', die);
process.on('message', (order: Order) => {
  if (order.at === 'append') told.dieAtAppend = order.turns;
  else if (order.at === 'roll') dieAtRoll(order.turns);
  else if (order.do === 'stop') told.isStopped = true;
  else told.isPaused = order.do === 'pause';
});

function dieAtRoll(turns: number): void {
  for (const folder of readdirSync(journal, { withFileTypes: true })) {
    if (!folder.isDirectory()) continue;
    watch(join(journal, folder.name), (event) => {
      if (event === 'rename') dieAfterTurns(turns);
    });
  }
}

const writes =
  (level: string): Logger['error'] =>
  (message, fields = {}) => {
    note(path, { kind: 'told', level, message, fields });
  };
const ignore = (): void => undefined;
const logger = { error: writes('error'), warn: writes('warn'), info: writes('info'), debug: ignore, trace: ignore };

if (dieInRecovery !== undefined) setTimeout(die, dieInRecovery);
const sender = await createSender({ config, logger });
note(path, { kind: 'ready', life });

async function send(block: number): Promise<void> {
  note(path, { kind: 'sent', life, block });
  const events = Array.from({ length: blockRows }, (_, index) => numberedEvent(block * blockRows + index, life));
  const { sent, error } = await sender.sendAll(events);
  // A journal that cannot be written is opened anew, by another life.
  if (sent < blockRows) {
    note(path, { kind: 'told', level: 'fatal', message: error?.message ?? 'dropped', fields: {} });
    die();
  }
  note(path, { kind: 'acked', life, block });
}

const again = before.inDoubt;
const underWay = new Set<Promise<void>>();
for (let next = before.nextBlock; !told.isStopped;) {
  await sleep((blockRows / perSecond) * 1_000);
  if (told.isPaused) continue;
  const block = again.shift() ?? next++;
  const sending = send(block).finally(() => underWay.delete(sending));
  underWay.add(sending);
  if (told.dieAtAppend !== undefined) dieAfterTurns(told.dieAtAppend);
  while (underWay.size >= mostUnderWay) await Promise.race(underWay);
}
await Promise.all(underWay);
await sender.close({ until: 'accepted' });
note(path, { kind: 'closed', life });
process.disconnect();

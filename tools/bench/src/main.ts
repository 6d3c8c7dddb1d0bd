/** `npm run bench -- NAME [--json] [--full] [CONTESTANT...]`: see README.md. */
import { parseArgs } from 'node:util';
import { messageOf } from '@tranquility-js/core';
import { benchAppend } from './append.js';
import { benchDecode } from './decode.js';
import { benchJournal } from './journal.js';
import { benchFuzz } from './fuzz.js';
import { benchKafka } from './kafka.js';
import type { Comparison } from './measure.js';
import { benchMemory } from './memory.js';
import { benchSandbox } from './sandbox.js';
import { benchSender } from './sender.js';
import { benchServer } from './server.js';
import { benchStreamMemory } from './stream-memory.js';
import { benchStreams } from './streams.js';
import { benchTask } from './task.js';

type Bench = (isFull: boolean, only: readonly string[], tell: (line: string) => void) => Promise<Comparison[]>;

const small = { rounds: 5, warmUpRows: 300_000, rows: 300_000 };
const full = { rounds: 7, warmUpRows: 1_000_000, rows: 3_000_000 };
const fullTask = { rounds: 5, warmUpRows: 500_000, rows: 500_000 };

const smallKafka = { rounds: 3, rows: 500_000, secondsAway: 10 };
const fullKafka = { rounds: 7, rows: 1_000_000, secondsAway: 300 };

const benches = new Map<string, Bench>([
  ['sender', (isFull, only, tell) => benchSender(isFull ? full : small, only, tell)],
  ['sandbox', (isFull, _, tell) => benchSandbox(isFull ? full : small, tell)],
  ['streams', (isFull, only, tell) => benchStreams(isFull ? full : small, only, tell)],
  ['task', (isFull, only, tell) => benchTask(isFull ? fullTask : small, only, tell)],
  ['stream-memory', (isFull, only, tell) => benchStreamMemory(isFull ? 5_000_000 : 1_000_000, only, tell)],
  ['journal', (isFull, _, tell) => benchJournal(isFull, tell)],
  ['append', (isFull, _, tell) => benchAppend(isFull, tell)],
  ['kafka', (isFull, _, tell) => benchKafka(isFull ? fullKafka : smallKafka, tell)],
  ['decode', (isFull, _, tell) => benchDecode(isFull, tell)],
  ['fuzz', (isFull, [seed = '33'], tell) => benchFuzz(isFull ? 10_000_000 : 1_000_000, Number(seed), tell)],
  ['server', (isFull, _, tell) => benchServer(isFull ? full : small, tell)],
  ['memory', (_, only, tell) => benchMemory(only, tell)],
]);

const usage = `Usage: npm run bench -- ${[...benches.keys()].join('|')} [--json] [--full] [objects raw bare-client tranquility-0.8.3]\n`;

const { values, positionals } = readArguments();
const [name = '', ...only] = positionals;
const bench = benches.get(name);
if (bench === undefined) {
  process.stderr.write(usage);
  process.exit(64);
}
const tell = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
for (const line of await bench(values.full === true, only, tell)) {
  const { name, versus, metric, ours, theirs, ratio } = line;
  const text = `${name}: ${ours} ${metric}; ${versus}: ${theirs}; ratio ${ratio}`;
  process.stdout.write(`${values.json === true ? JSON.stringify(line) : text}\n`);
}

function readArguments() {
  try {
    return parseArgs({ options: { json: { type: 'boolean' }, full: { type: 'boolean' } }, allowPositionals: true });
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${usage}`);
    process.exit(64);
  }
}

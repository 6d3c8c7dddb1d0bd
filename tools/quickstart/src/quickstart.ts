import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createSender, type Sender } from '@tranquility-js/core';
import { startSandbox } from '@tranquility-js/sandbox';
import { Druid } from './druid.js';
import { readFlights } from './flights.js';
import { Latency } from './latency.js';
import type { QuickstartOptions } from './options.js';
import { Picture } from './picture.js';
import { replay } from './replay.js';
import { table } from './table.js';

/** A Tranquility config as any other, but for the address of Druid. */
const config = fileURLToPath(new URL('../flights.json', import.meta.url));
const dataSource = 'quickstart_flights';
const lateOneIn = 500;
/** One event in so many has its latency measured. */
const measuredOneIn = 100;

const questions: readonly (readonly [title: string, sql: string])[] = [
  [
    'Where do most flights start, and how late are they?',
    `SELECT origin, SUM("count") AS flights, SUM(delay) * 1.0 / SUM("count") AS minutes_late
FROM ${dataSource} GROUP BY origin ORDER BY flights DESC LIMIT 5`,
  ],
  [
    'How many took place in each five seconds?',
    `SELECT TIME_FLOOR(__time, 'PT5S') AS since, SUM("count") AS flights, SUM(distance) AS miles
FROM ${dataSource} GROUP BY 1 ORDER BY 1 DESC LIMIT 5`,
  ],
  [
    'Which routes are the latest?',
    `SELECT origin, destination, MAX(worst) AS minutes_late, SUM("count") AS flights
FROM ${dataSource} GROUP BY 1, 2 ORDER BY minutes_late DESC LIMIT 5`,
  ],
];

interface Stage {
  readonly out: Writable & { readonly isTTY?: boolean };
  /** Ends it early, tidily. */
  readonly signal: AbortSignal;
}

/** Shows what Tranquility JS does, on real flights. Leaves nothing behind. */
export async function quickstart(options: QuickstartOptions, stage: Stage): Promise<void> {
  const { out } = stage;
  if (options.druid !== undefined) {
    const druid = new Druid(options.druid);
    out.write(`The Druid at ${druid.url}.\n`);
    try {
      await play(druid, options, stage);
    } finally {
      // They would hold slots for an hour and more.
      await druid.endTasks(dataSource);
      out.write(`The tasks of ${dataSource} are ended. What it wrote is gone with them.\n`);
    }
    return;
  }
  await using sandbox = await startSandbox();
  out.write(`An embedded Druid listens at ${sandbox.url}. It is gone when this ends.\n`);
  await play(new Druid(sandbox.url), options, stage);
}

async function play(druid: Druid, options: QuickstartOptions, { out, signal }: Stage): Promise<void> {
  const sender = await createSender({ config, properties: { 'druid.overlord.urls': druid.url } });
  const end = new AbortController();
  const stop = AbortSignal.any([signal, end.signal]);
  const latency = new Latency();
  try {
    await sender.connect();
    out.write(`Flights of 2001, ${options.rate} a second, one in ${lateOneIn} a day late:\n\n`);
    const sending = send(sender, latency, options, stop);
    await Promise.race([show(druid, sender, latency, options.seconds, { out, signal }), sending]);
    if (options.keep && !signal.aborted) await keep(druid, { out, signal });
    end.abort();
    await sending;
    await sender.drained();
    if (!signal.aborted) await ask(druid, out);
    out.write(nextSteps(sender));
  } finally {
    end.abort();
    await sender.close({ timeout: 10_000 });
  }
}

async function send(sender: Sender, latency: Latency, { rate }: QuickstartOptions, signal: AbortSignal): Promise<void> {
  let count = 0;
  for await (const event of replay(readFlights(), { rate, lateOneIn, signal })) {
    if (count++ % measuredOneIn === 0) void measured(sender, event, latency);
    else if (!sender.write(event)) await sender.drained();
  }
}

async function measured(sender: Sender, event: unknown, latency: Latency): Promise<void> {
  const started = performance.now();
  const { status } = await sender.send(event);
  if (status === 'sent') latency.add(performance.now() - started);
}

async function show(
  druid: Druid,
  sender: Sender,
  latency: Latency,
  seconds: number,
  { out, signal }: Stage,
): Promise<void> {
  const picture = new Picture(out);
  let before = 0;
  for (let second = 1; second <= seconds && !signal.aborted; second++) {
    await sleep(1_000, undefined, { signal }).catch(() => undefined);
    const { counters } = sender;
    const tasks = await druid.tasks(dataSource);
    picture.draw({ second, counters, rate: counters.sent - before, latency: latency.take(), tasks: tasks.slice(-4) });
    before = counters.sent;
  }
}

async function keep(druid: Druid, { out, signal }: Stage): Promise<void> {
  await ask(druid, out);
  out.write(`\nIt goes on until Ctrl-C. Ask it something:\n\n  ${curl(druid)}\n`);
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}

async function ask(druid: Druid, out: Writable): Promise<void> {
  for (const [title, sql] of questions) {
    const rows = await druid.sql(sql);
    out.write(`\n${title}\n\n${sql.replace(/^/gm, '    ')}\n\n${table(rows)}`);
  }
}

function curl(druid: Druid): string {
  const body = `{"query":"SELECT COUNT(*) FROM ${dataSource}"}`;
  return `curl -H 'content-type: application/json' ${druid.url}/druid/v2/sql -d '${body}'`;
}

function nextSteps({ counters }: Sender): string {
  return `
${counters.sent.toLocaleString('en-US')} events are in Druid, each acknowledged by a task that made it queryable at once.

What next:
  npm run quickstart -- --keep              the same, until Ctrl-C, to ask questions of your own
  npx tranquility sandbox                   an embedded Druid to write to (after npm run build)
  npx tranquility push -configFile FILE     your own events (README.md, "Push a file")
  npm run druid:up                          a real Druid 28 on this machine (Java 17 and Maven)
`;
}

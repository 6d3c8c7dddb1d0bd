/**
 * A process that sends when it is told to: `node contestant.ts objects|raw|writable|operator|bare-client URL TIMESTAMP [DATASOURCE]`. Each line of its input is a number
 * of rows; for each it prints what that took.
 */
import { createInterface } from 'node:readline';
import { createSender, type Sender } from '@tranquility-js/core';
import { Pool } from 'undici';
import { throughOperator, throughWritable, type Send } from './adapters.js';
import { config, distinct, pageView } from './events.js';

const [kind = '', url = '', timestamp = '', dataSource = 'bench'] = process.argv.slice(2);
const events = Array.from({ length: distinct }, (_, index) => pageView(index, Number(timestamp)));

/** The sender alone. */
function alone(sender: Sender, given: readonly unknown[]): Send {
  return async (rows) => {
    for (let i = 0; i < rows; i++) if (!sender.write(given[i % given.length])) await sender.drained();
    await sender.flush();
  };
}

/** Something that sends through a sender. What that holds back or loses would show as an error. */
async function withSender(through: (sender: Sender) => Send): Promise<Send> {
  const sender = await createSender({ config: config(dataSource, { 'druid.overlord.urls': url }) });
  const send = through(sender);
  let expected = 0;
  return async (rows) => {
    expected += rows;
    await send(rows);
    if (sender.counters.sent !== expected) throw new Error(`Of ${expected} rows ${sender.counters.sent} were sent`);
  };
}

/** Nothing but arrays of 1000 rows, stringified and posted, a few at a time. */
function bare(): Send {
  const { origin, pathname } = new URL(url);
  const path = `${pathname.replace(/\/$/, '')}/push-events`;
  const pool = new Pool(origin, { connections: 4 });
  const headers = { 'content-type': 'application/json' };
  return async (rows) => {
    let next = 0;
    const post = async (): Promise<void> => {
      while (next < rows) {
        const from = next % distinct;
        next += 1000;
        const body = Buffer.from(JSON.stringify(events.slice(from, from + 1000)));
        const response = await pool.request({ method: 'POST', path, headers, body });
        const text = await response.body.text();
        if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode} ${text}`);
      }
    };
    await Promise.all([post(), post(), post(), post()]);
  };
}

async function sendOf(): Promise<Send> {
  if (kind === 'bare-client') return bare();
  if (kind === 'writable') return withSender((sender) => throughWritable(sender, events));
  if (kind === 'operator') return withSender((sender) => throughOperator(sender, events));
  const given = kind === 'raw' ? events.map((event) => Buffer.from(JSON.stringify(event))) : events;
  return withSender((sender) => alone(sender, given));
}

const send = await sendOf();
process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const rows = Number(line);
  const [started, before] = [performance.now(), process.cpuUsage()];
  await send(rows);
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - started) / 1000;
  const memory = process.memoryUsage.rss();
  process.stdout.write(`${JSON.stringify({ rows, seconds, cpuSeconds: (user + system) / 1e6, memory })}\n`);
}
process.exit(0);

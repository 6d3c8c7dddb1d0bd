import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { Child } from './child.js';
import { distinct, pageView } from './events.js';
import { compare, comparison, rates, type Comparison, type Round } from './measure.js';

const bodyRows = 1000;
const connections = 8;

interface Usage {
  readonly cpuSeconds: number;
  readonly memory: number;
}

type Form = 'json' | 'ndjson';

const types: Readonly<Record<Form, string>> = { json: 'application/json', ndjson: 'application/x-ndjson' };

/** What is compared: a host, and the form of the bodies that it gets. */
const contestants: readonly (readonly [host: string, form: Form])[] = [
  ['server', 'json'],
  ['bare', 'json'],
  ['bare-parse', 'json'],
  ['bare-forward', 'json'],
  ['server', 'ndjson'],
  ['bare', 'ndjson'],
];

export interface ServerSize {
  readonly rounds: number;
  readonly warmUpRows: number;
  readonly rows: number;
}

/**
 * The HTTP server against a bare fastify, which reads the same bodies and discards them, parses them as JSON and discards them, or sends them
 * on to the sink without a look, which is as far as any server comes that discards nothing: bodies of a thousand events, eight connections.
 * Then how long small POSTs take under half the load, and what many clients cost.
 */
export async function benchServer(
  { rounds, warmUpRows, rows }: ServerSize,
  tell: (line: string) => void,
): Promise<Comparison[]> {
  const children: Child[] = [];
  const start = async (file: string, ...args: string[]): Promise<{ child: Child; port: number }> => {
    const child = Child.ofSource(file, ...args);
    children.push(child);
    return { child, port: ((await child.answer()) as { port: number }).port };
  };
  try {
    const sink = await start('./sink.ts');
    const hosts = new Map<string, { child: Child; port: number }>();
    for (const kind of new Set(contestants.map(([host]) => host))) {
      hosts.set(kind, await start('./http-host.ts', kind, String(sink.port)));
    }
    const results = new Map<string, Round[]>();
    for (let round = 0; round <= rounds; round++) {
      for (const [kind, form] of contestants) {
        const host = hosts.get(kind);
        if (host === undefined) continue;
        const result = await flood(host, form, round === 0 ? warmUpRows : rows);
        const name = `${kind}-${form}`;
        if (round > 0) results.set(name, [...(results.get(name) ?? []), result]);
        tell(`round ${round} ${name}: ${rates(result)}`);
      }
    }
    const compared = compare(
      [
        { name: 'server-json', versus: 'bare-json', metric: 'rows per second' },
        { name: 'server-ndjson', versus: 'bare-ndjson', metric: 'rows per second' },
        { name: 'bare-forward-json', versus: 'bare-json', metric: 'rows per second' },
        { name: 'server-json', versus: 'bare-forward-json', metric: 'rows per second' },
        { name: 'server-json', versus: 'bare-parse-json', metric: 'rows per second' },
        { name: 'server-json', versus: 'bare-parse-json', metric: 'rows per CPU-second' },
      ],
      results,
    );
    const server = hosts.get('server');
    if (server === undefined) return compared;
    const load = (compared[0]?.ours ?? 0) / 2;
    const [p50, p99] = await latencies(server.port, load);
    return [
      ...compared,
      comparison('server p99 of 10 events under half load', 'its median', 'microseconds', p99 * 1000, p50 * 1000),
      await crowd(server),
    ];
  } finally {
    for (const child of children) await child.end();
  }
}

/** Bodies that together have every distinct event once. */
function bodies(form: Form, size: number): Buffer[] {
  const now = Date.now();
  return Array.from({ length: distinct / size }, (_, body) => {
    const events = Array.from({ length: size }, (_, row) => JSON.stringify(pageView(body * size + row, now)));
    return Buffer.from(form === 'json' ? `[${events.join(',')}]` : `${events.join('\n')}\n`);
  });
}

async function flood(host: { child: Child; port: number }, form: Form, rows: number): Promise<Round> {
  const given = bodies(form, bodyRows);
  const pool = new Pool(`http://127.0.0.1:${host.port}`, { connections });
  const before = (await host.child.ask('usage')) as Usage;
  const start = performance.now();
  let left = Math.ceil(rows / bodyRows);
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (left-- > 0) await post(pool, given[left % given.length] ?? Buffer.alloc(0), form, bodyRows);
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  const { cpuSeconds, memory } = (await host.child.ask('usage')) as Usage;
  await pool.close();
  return { rows, seconds, cpuSeconds: cpuSeconds - before.cpuSeconds, memory };
}

async function post(pool: Pool, body: Buffer, form: Form, rows: number): Promise<void> {
  const answer = await pool.request({
    method: 'POST',
    path: '/v1/post/server',
    headers: { 'content-type': types[form] },
    body,
  });
  const text = await answer.body.text();
  if (text !== `{"result":{"received":${rows},"sent":${rows}}}`) throw new Error(`${answer.statusCode} ${text}`);
}

/** Of POSTs of ten events, one after another, while others load the server: the median and the 99th percentile, in milliseconds. */
async function latencies(port: number, rowsPerSecond: number): Promise<readonly [number, number]> {
  const [large, small] = [bodies('json', bodyRows), bodies('json', 10)];
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: connections + 1 });
  const start = performance.now();
  const millis = 10_000;
  let sent = 0;
  const load = (async () => {
    while (performance.now() - start < millis) {
      const due = Math.floor(((performance.now() - start) / 1000) * (rowsPerSecond / bodyRows));
      const many = Math.min(connections, due - sent);
      sent += Math.max(0, many);
      await Promise.all(
        Array.from({ length: many }, (_, n) =>
          post(pool, large[(sent + n) % large.length] ?? Buffer.alloc(0), 'json', bodyRows),
        ),
      );
      await sleep(1);
    }
  })();
  const times: number[] = [];
  while (performance.now() - start < millis) {
    const begun = performance.now();
    await post(pool, small[times.length % small.length] ?? Buffer.alloc(0), 'json', 10);
    times.push(performance.now() - begun);
    await sleep(5);
  }
  await load;
  await pool.close();
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? NaN;
  return [at(0.5), at(0.99)];
}

/** What the server holds with 500 idle clients and 100 busy ones, against what it held before, in bytes. */
async function crowd({ child, port }: { child: Child; port: number }): Promise<Comparison> {
  const { memory: before } = (await child.ask('usage')) as Usage;
  const idle: Socket[] = await Promise.all(
    Array.from({ length: 500 }, async () => {
      const socket = connect(port, '127.0.0.1');
      await new Promise((resolve) => socket.once('connect', resolve));
      return socket;
    }),
  );
  const given = bodies('json', bodyRows);
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 100 });
  let most = 0;
  for (let round = 0; round < 10; round++) {
    await Promise.all(
      Array.from({ length: 100 }, (_, n) => post(pool, given[n % given.length] ?? Buffer.alloc(0), 'json', bodyRows)),
    );
    most = Math.max(most, ((await child.ask('usage')) as Usage).memory);
  }
  for (const socket of idle) socket.destroy();
  await pool.close();
  return comparison('server with 500 idle and 100 busy clients', 'before', 'bytes of memory', most, before);
}

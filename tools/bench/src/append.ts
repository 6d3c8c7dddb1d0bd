import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster } from '@tranquility-js/cluster';
import { createSender } from '@tranquility-js/core';
import { compare, rates, type Comparison, type Round } from './measure.js';

const size = { small: { rounds: 3, rows: 200_000 }, full: { rounds: 5, rows: 1_000_000 } };
const patience = 600_000;
const note = 'The quick brown fox jumps over the lazy dog, and the lazy dog does not mind at all, as it is used to it.';

/** A row of about 200 bytes. */
const rowOf = (n: number, time: number): Buffer =>
  Buffer.from(JSON.stringify({ time, n, page: `page ${n % 10}`, user: `user ${n % 1_000}`, note }));

/**
 * Sends rows by the lane append to a Druid 33 with an Indexer until they are published, against a task of that Druid which reads the
 * same rows from one file.
 */
export async function benchAppend(isFull: boolean, tell: (line: string) => void): Promise<Comparison[]> {
  const { rounds, rows } = isFull ? size.full : size.small;
  const directory = await mkdtemp(join(tmpdir(), 'tranquility-bench-'));
  const cluster = await startCluster({ druid: '33.0.0', worker: 'indexer', log: tell });
  try {
    const overlord = cluster.endpoints.druid?.overlord ?? '';
    const time = Date.now();
    const path = join(directory, 'rows.json');
    await writeRows(path, rows, time);
    const results = new Map<string, Round[]>();
    const play = async (name: string, work: () => Promise<void>): Promise<void> => {
      const [started, before] = [performance.now(), process.cpuUsage()];
      await work();
      const { user, system } = process.cpuUsage(before);
      const seconds = (performance.now() - started) / 1_000;
      const round = { rows, seconds, cpuSeconds: (user + system) / 1e6 };
      tell(`${name}: ${rates(round)}`);
      results.set(name, [...(results.get(name) ?? []), round]);
    };
    for (let round = 0; round < rounds; round++) {
      await play('one-file', () => appendFile(overlord, `file_${round}`, path));
      await play('lane-append', () => send(overlord, `lane_${round}`, join(directory, 'journal'), rows, time));
    }
    return compare([{ name: 'lane-append', versus: 'one-file', metric: 'rows per second' }], results);
  } finally {
    await cluster.stop();
    await rm(directory, { recursive: true });
  }
}

async function writeRows(path: string, rows: number, time: number): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (let from = 0; from < rows; from += 10_000) {
      const chunk = Array.from({ length: Math.min(10_000, rows - from) }, (_, index) => rowOf(from + index, time));
      await file.appendFile(`${chunk.join('\n')}\n`);
    }
  } finally {
    await file.close();
  }
}

const dataSchema = (dataSource: string) => ({
  dataSource,
  timestampSpec: { column: 'time', format: 'auto' },
  dimensionsSpec: { dimensions: ['page', 'user', 'note', { type: 'long', name: 'n' }] },
  metricsSpec: [{ type: 'count', name: 'count' }],
  granularitySpec: { type: 'uniform', segmentGranularity: 'DAY', queryGranularity: 'NONE', rollup: false },
});

async function send(overlord: string, dataSource: string, journal: string, rows: number, time: number): Promise<void> {
  const sender = await createSender({
    config: {
      dataSources: [{ spec: { dataSchema: dataSchema(dataSource) } }],
      properties: {
        'druid.overlord.urls': overlord,
        'tranquility.lane': 'append',
        'journal.directory': journal,
        'append.endpoint.port': 0,
      },
    },
  });
  for (let n = 0; n < rows; n++) if (!sender.write(rowOf(n, time))) await sender.drained();
  const { sent, unread } = await sender.close({ timeout: patience, until: 'published' });
  if (sent !== rows || unread !== 0) throw new Error(`Of ${rows} rows ${sent} were sent, and ${unread} not published.`);
}

async function appendFile(overlord: string, dataSource: string, path: string): Promise<void> {
  const id = `append_${dataSource}`;
  const inputSource = { type: 'local', files: [path] };
  const task = {
    type: 'index_parallel',
    id,
    spec: {
      dataSchema: dataSchema(dataSource),
      ioConfig: { type: 'index_parallel', appendToExisting: true, inputSource, inputFormat: { type: 'json' } },
      tuningConfig: { type: 'index_parallel', partitionsSpec: { type: 'dynamic' }, maxNumConcurrentSubTasks: 1 },
    },
    context: { useConcurrentLocks: true },
  };
  const submitted = await fetch(`${overlord}/druid/indexer/v1/task`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(task),
  });
  if (!submitted.ok) throw new Error(`The task was answered ${submitted.status}: ${await submitted.text()}`);
  for (;;) {
    const response = await fetch(`${overlord}/druid/indexer/v1/task/${id}/status`);
    const { status } = (await response.json()) as { status: { statusCode: string; errorMsg: string | null } };
    if (status.statusCode === 'SUCCESS') return;
    if (status.statusCode === 'FAILED') throw new Error(`The task has failed: ${String(status.errorMsg)}`);
    await sleep(100);
  }
}

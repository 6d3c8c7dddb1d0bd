import { setTimeout as sleep } from 'node:timers/promises';
import { tryGet, tryPostJson } from './http.js';

const timeoutMillis = 120_000;
const dataSource = 'training';
const serviceName = 'training-firehose';

const dimensionsSpec = { dimensions: ['page'] };
const metricsSpec = [
  { type: 'count', name: 'count' },
  { type: 'doubleSum', name: 'added', fieldName: 'added' },
];

/**
 * Has a Druid do what tests have it do, so that it loads the classes for it: a realtime task takes events and answers a
 * query; where there is no such task, a batch task writes a segment.
 *
 * @throws Error when that does not succeed within two minutes.
 */
export async function runTrainingTask(router: string, signal: AbortSignal): Promise<void> {
  const submit = (task: unknown) => tryPostJson(`${router}/druid/indexer/v1/task`, task);
  const now = new Date();
  const accepted = await submit(realtimeTask(now));
  if (accepted === undefined) {
    await until('the batch task was accepted', signal, async () => (await submit(batchTask(now))) !== undefined);
  } else {
    const { task } = JSON.parse(accepted) as { task: string };
    await until('events were accepted', signal, () => push(router, task, now));
  }
  await until('the events were counted', signal, async () => {
    const query = `SELECT page, SUM(added) FROM ${dataSource} GROUP BY 1 ORDER BY 2 DESC`;
    return (await tryPostJson(`${router}/druid/v2/sql`, { query }))?.includes('"main"') ?? false;
  });
}

async function push(router: string, task: string, now: Date): Promise<boolean> {
  const answer = await tryGet(`${router}/druid/indexer/v1/task/${encodeURIComponent(task)}/status`);
  const location = /"host":"([^"]+)","port":(\d+)/.exec(answer ?? '');
  if (location === null) return false;
  const url = `http://${location[1] ?? ''}:${location[2] ?? ''}/druid/worker/v1/chat/${serviceName}/push-events`;
  return (await tryPostJson(url, [{ timestamp: now.getTime(), page: 'main', added: 1 }])) !== undefined;
}

async function until(what: string, signal: AbortSignal, done: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + timeoutMillis;
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error(`The training run was given up: it took too long until ${what}.`);
    await sleep(250, undefined, { signal });
  }
}

function realtimeTask(now: Date): unknown {
  const start = new Date(Math.floor(now.getTime() / 3_600_000) * 3_600_000);
  const end = new Date(start.getTime() + 2 * 3_600_000);
  const interval = `${start.toISOString()}/${end.toISOString()}`;
  const receiver = { type: 'receiver', serviceName, bufferSize: 1000 };
  const timed = { type: 'timed', shutoffTime: end.toISOString(), delegate: receiver };
  return {
    type: 'index_realtime',
    id: `index_realtime_${dataSource}`,
    resource: { availabilityGroup: dataSource, requiredCapacity: 1 },
    spec: {
      dataSchema: {
        dataSource,
        parser: {
          type: 'map',
          parseSpec: { format: 'json', timestampSpec: { column: 'timestamp', format: 'millis' }, dimensionsSpec },
        },
        metricsSpec,
        granularitySpec: { type: 'uniform', segmentGranularity: 'HOUR', queryGranularity: 'MINUTE', rollup: true },
      },
      ioConfig: { type: 'realtime', plumber: null, firehose: { type: 'clipped', interval, delegate: timed } },
      tuningConfig: {
        type: 'realtime',
        maxRowsInMemory: 1000,
        intermediatePersistPeriod: 'PT10M',
        windowPeriod: 'PT1H',
        rejectionPolicy: { type: 'none' },
        shardSpec: { type: 'linear', partitionNum: 0 },
      },
    },
  };
}

function batchTask(now: Date): unknown {
  const row = { timestamp: now.toISOString(), page: 'main', added: 1 };
  return {
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource,
        timestampSpec: { column: 'timestamp', format: 'iso' },
        dimensionsSpec,
        metricsSpec,
        granularitySpec: { type: 'uniform', segmentGranularity: 'HOUR', queryGranularity: 'MINUTE', rollup: true },
      },
      ioConfig: {
        type: 'index_parallel',
        inputSource: { type: 'inline', data: JSON.stringify(row) },
        inputFormat: { type: 'json' },
        appendToExisting: true,
      },
      tuningConfig: { type: 'index_parallel', partitionsSpec: { type: 'dynamic' } },
    },
  };
}

import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster, type Endpoints } from '@tranquility-js/cluster';
import { describe, expect, it } from 'vitest';
import { pushWithPeer, zookeeper } from '../src/cluster.js';
import { configFile } from '../src/config.js';
import { countUntil, until } from '../src/druid.js';
import { flights } from '../src/flights.js';
import { Push } from '../src/push.js';

describe('the real parts', () => {
  it('start as Druid 33 with an Indexer and Kafka, which runs tasks, and which push refuses with the reason', async () => {
    await using cluster = await startCluster({ druid: '33.0.0', worker: 'indexer', kafka: '4.4.0' });
    const { druid, kafka } = cluster.endpoints;
    const overlord = druid?.overlord ?? '';

    expect(await get(`${overlord}/status`)).toMatchObject({ version: '33.0.0' });
    expect(await isOpen(kafka?.bootstrap ?? '')).toBe(true);
    expect(await runToEnd(overlord, inlineAppend)).toMatchObject({ statusCode: 'SUCCESS' });

    const config = await configFile('modern', { segmentGranularity: 'HOUR', windowPeriod: 'PT10M' });
    const { code, stderr } = await new Push(
      ['-configFile', config, '--set', `druid.overlord.urls=${overlord}`, '--set', 'tranquility.lane=realtime'],
      ['{}'],
    ).result();
    expect(code).toBe(1);
    expect(stderr).toContain('This is Druid 33.0.0. Druid 31 and later have no realtime tasks');
  });

  it('include the JVM Tranquility, which pushes into the same Druid', async () => {
    const events = 1_000;
    const now = Date.now();
    const config = {
      ...peerConfig(),
      properties: { 'zookeeper.connect': zookeeper(), 'druid.discovery.curator.path': '/druid/discovery' },
    };
    const result = await pushWithPeer({ config, dataSource: 'peer', events: await flights(events, now - 60_000, now) });
    expect(result).toMatchObject({ sent: events, dropped: 0, failed: 0 });
    expect(await countUntil('peer', events)).toBe(events);
  });

  it('leave nothing running when what started them is killed', async () => {
    const launcher = spawn('npm', ['run', '-s', 'cluster', '--', '--druid', 'none'], {
      cwd: new URL('../../..', import.meta.url),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    for await (const chunk of launcher.stdout) {
      output += String(chunk);
      if (output.endsWith('\n')) break;
    }
    const started = JSON.parse(output) as Endpoints;
    expect(await isOpen(started.zookeeper)).toBe(true);

    launcher.kill('SIGKILL');
    expect(
      await until(
        () => isOpen(started.zookeeper),
        (open) => !open,
        20_000,
      ),
    ).toBe(false);
  });
});

const inlineAppend = {
  type: 'index_parallel',
  spec: {
    dataSchema: {
      dataSource: 'appended',
      timestampSpec: { column: 't', format: 'auto' },
      dimensionsSpec: {},
      granularitySpec: { segmentGranularity: 'hour' },
    },
    ioConfig: {
      type: 'index_parallel',
      appendToExisting: true,
      inputSource: { type: 'inline', data: '{"t":"2026-01-01T00:00:00Z","a":"b"}' },
      inputFormat: { type: 'json' },
    },
  },
};

/** The form of a config that the JVM Tranquility reads. */
function peerConfig(): { dataSources: object[] } {
  const dataSchema = {
    dataSource: 'peer',
    parser: {
      type: 'string',
      parseSpec: {
        format: 'json',
        timestampSpec: { column: 'time', format: 'auto' },
        dimensionsSpec: { dimensions: ['origin', 'destination'] },
      },
    },
    metricsSpec: [{ type: 'count', name: 'count' }],
    granularitySpec: { type: 'uniform', segmentGranularity: 'HOUR', queryGranularity: 'MINUTE' },
  };
  return { dataSources: [{ spec: { dataSchema, tuningConfig: { type: 'realtime', windowPeriod: 'PT10M' } } }] };
}

async function runToEnd(overlord: string, task: object): Promise<unknown> {
  const response = await fetch(`${overlord}/druid/indexer/v1/task`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(task),
  });
  const { task: id } = (await response.json()) as { task: string };
  const status = async (): Promise<{ statusCode?: string }> => {
    const answer = (await get(`${overlord}/druid/indexer/v1/task/${encodeURIComponent(id)}/status`)) as {
      status: object;
    };
    return answer.status;
  };
  return until(status, ({ statusCode }) => statusCode !== 'RUNNING', 120_000);
}

async function get(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

/** Whether somebody listens: the port cannot be taken. */
async function isOpen(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  const server = createServer();
  const taken = await new Promise<boolean>((resolve) => {
    server.once('error', () => {
      resolve(true);
    });
    server.listen(Number(port), host, () => {
      resolve(false);
    });
  });
  if (!taken) await new Promise((resolve) => server.close(resolve));
  await sleep(0);
  return taken;
}

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster, type Cluster } from '@tranquility-js/cluster';
import {
  openSender,
  pullAdapterSuite,
  pullSuite,
  type PullAdapterDruid,
  type PullDruid,
} from '@tranquility-js/conformance';
import { createSender, type Finding, type StatusReport } from '@tranquility-js/core';
import { freePorts } from '@tranquility-js/ports';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { useCluster } from '../src/cluster.js';
import { tranquility } from '../src/command.js';
import { countOf, tasksOf, until } from '../src/druid.js';
import { numberedFile, numberedUntil, tallyOf } from '../src/pull.js';
import { TestAuthority } from '../src/test-authority.js';
import { removeTemporary, temporaryDirectory, temporaryFile } from '../src/temporary.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ druid: '33.0.0', worker: 'indexer', kafkaExtension: true });
  useCluster({ endpoints: cluster.endpoints, control: '' });
});
afterAll(async () => {
  await cluster.stop();
  await removeTemporary();
});

function startDruid(): Promise<PullDruid> {
  const { druid } = cluster.endpoints;
  if (druid === undefined) throw new Error('The cluster has no Druid.');
  return Promise.resolve({
    target: {
      overlord: druid.overlord,
      router: druid.router,
      pass: (millis) => sleep(millis),
      killTask: () => Promise.reject(new Error('The tasks of an Indexer are threads.')),
      patience: 90_000,
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

describe('Druid 33', () => {
  pullSuite(startDruid);
});

/** Ends a supervisor and its tasks. */
async function giveBackSlots(dataSource: string): Promise<void> {
  const root = `${cluster.endpoints.druid?.overlord ?? ''}/druid/indexer/v1`;
  await fetch(`${root}/supervisor/${dataSource}/terminate`, { method: 'POST' });
  for (const [id, { statusCode }] of await tasksOf(dataSource)) {
    if (statusCode === 'RUNNING') await fetch(`${root}/task/${id}/shutdown`, { method: 'POST' });
  }
}

/** What Druid says of a supervisor, its tasks and the workers, for when something is not as it should be. */
async function stateOf(dataSource: string): Promise<string> {
  const root = `${cluster.endpoints.druid?.overlord ?? ''}/druid/indexer/v1`;
  const [supervisor = '', workers = ''] = await Promise.all(
    [`supervisor/${dataSource}/status`, 'workers'].map(async (path) => (await fetch(`${root}/${path}`)).text()),
  );
  const tasks = JSON.stringify([...(await tasksOf(dataSource)).values()]);
  return `The supervisor: ${supervisor}\nIts tasks: ${tasks}\nThe workers: ${workers}`;
}

let adapted = 0;

function adapterDruid(): Promise<PullAdapterDruid> {
  const dataSource = `adapted_${++adapted}`;
  const overlord = cluster.service('coordinator');
  return Promise.resolve({
    overlord: cluster.endpoints.druid?.overlord ?? '',
    dataSource,
    // While tasks change places, Druid fails queries for a moment.
    count: (expected) =>
      until(
        () => countOf(dataSource).catch(() => -1),
        (count) => count === expected,
        60_000,
      ),
    pause: () => Promise.resolve(overlord.pause()),
    resume: () => Promise.resolve(overlord.resume()),
    // Its tasks would keep the worker's slots.
    [Symbol.asyncDispose]: () => giveBackSlots(dataSource),
  });
}

pullAdapterSuite('the sender', adapterDruid, openSender);

it('shows an endpoint that asks for a certificate and a password who it is', async () => {
  const dataSource = 'pulled_by_few';
  const authority = await TestAuthority.create();
  const [ours, druids] = [
    await authority.issue('endpoint', 'san=ip:127.0.0.1'),
    await authority.issue('druid', 'eku=clientAuth'),
  ];
  const config = numberedFile(dataSource, ['page'], {
    'journal.directory': join(await temporaryDirectory(), 'journal'),
    'journal.minFreeBytes': '0',
    'pull.endpoint.port': '0',
    'pull.endpoint.tls.enable': 'true',
    'pull.endpoint.tls.certPath': ours.certPath,
    'pull.endpoint.tls.keyPath': ours.keyPath,
    'pull.endpoint.tls.caPath': authority.caPath,
    'pull.endpoint.sasl.user': 'druid',
    'pull.endpoint.sasl.password': 'of "no" worth',
    'pull.startDelay': 'PT0S',
    'pull.supervisorPeriod': 'PT2S',
    'pull.consumerProperties': {
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': authority.caPath,
      'ssl.keystore.type': 'PKCS12',
      'ssl.keystore.location': druids.storePath,
      'ssl.keystore.password': authority.password,
      'ssl.key.password': authority.password,
    },
  });
  const sender = await createSender({ config });
  const count = 1_000;
  const { sent } = await sender.sendAll(Array.from({ length: count }, (_, n) => ({ time: Date.now(), n, page: 'p' })));
  expect(sent).toBe(count);
  expect(await sender.close({ until: 'published', timeout: 120_000 })).toMatchObject({ drained: true, unread: 0 });
  expect(await numberedUntil(dataSource, count)).toEqual(tallyOf(count));
  await authority[Symbol.asyncDispose]();
});

it('reads from two nodes that share a dataSource, with two replicas of each task', async () => {
  const dataSource = 'pulled_from_two';
  const ports = await freePorts(2);
  const nodes = ports.map((port) => `127.0.0.1:${port}`);
  const count = 1_000;
  const senders = await Promise.all(
    nodes.map(async (node, index) => {
      const config = numberedFile(dataSource, ['page'], {
        'journal.directory': join(await temporaryDirectory(), 'journal'),
        'journal.minFreeBytes': '0',
        'pull.endpoint.port': String(ports[index]),
        'pull.endpoint.advertised': node,
        'pull.endpoint.nodes': nodes.join(','),
        'pull.startDelay': 'PT0S',
        'pull.supervisorPeriod': 'PT2S',
        'task.partitions': '2',
        'task.replicants': '2',
      });
      return createSender({ config });
    }),
  );
  onTestFinished(async () => {
    await Promise.all(senders.map((sender) => sender.close({ timeout: 0, until: 'accepted' })));
    await giveBackSlots(dataSource);
  });
  await Promise.all(
    senders.map(async (sender, node) => {
      const events = Array.from({ length: count }, (_, n) => ({ time: Date.now(), n: node * count + n, page: 'p' }));
      expect(await sender.sendAll(events)).toMatchObject({ sent: count });
    }),
  );
  const tally = await numberedUntil(dataSource, 2 * count);
  expect(tally, await stateOf(dataSource)).toEqual(tallyOf(2 * count));
  const statuses = [...(await tasksOf(dataSource)).values()].map(({ statusCode }) => statusCode);
  expect(statuses, await stateOf(dataSource)).toEqual(Array.from({ length: 4 }, () => 'RUNNING'));
  for (const sender of senders) expect(await sender.close()).toMatchObject({ drained: true, unread: 0 });
});

describe('the command line, where Druid 33 reads from us', () => {
  const dataSource = 'pulled_by_command';
  const patient = ['--timeout', '60'];
  let config: string;

  beforeAll(async () => {
    const journal = join(await temporaryDirectory(), 'journal');
    const file = numberedFile(dataSource, ['page'], {
      ...{ 'journal.directory': journal, 'pull.endpoint.port': '0', 'journal.minFreeBytes': '0' },
      'pull.supervisorPeriod': 'PT2S',
    });
    config = await temporaryFile('pulled.json', [JSON.stringify(file)]);
  });

  const supervisor = async (): Promise<StatusReport['dataSources'][number]['supervisor'] | undefined> => {
    const { code, stdout, stderr } = await tranquility('status', '--json', '-configFile', config, ...patient);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { dataSources } = JSON.parse(stdout) as StatusReport;
    expect(dataSources[0]?.lane?.lane).toBe('pull');
    return dataSources[0]?.supervisor;
  };

  it('finds that it can be read from', async () => {
    const { code, stdout } = await tranquility('validate', '--probe', '--json', '-configFile', config, ...patient);
    const { probe } = JSON.parse(stdout) as { probe: readonly Finding[] };
    expect(probe.filter(({ status }) => status === 'failure')).toEqual([]);
    expect(probe.map(({ message }) => message)).toContain(
      'Druid 33.0.0 has no realtime tasks, and reads from us: its Kafka extension is loaded.',
    );
    expect(code).toBe(0);
  });

  it('pushes, and ends when Druid has published all of it', async () => {
    const count = 20_000;
    const lines = Array.from({ length: count }, (_, n) => `{"time":${Date.now()},"n":${n},"page":"p"}\n`);
    const events = await temporaryFile('events.ndjson', lines);
    const { code, stdout, stderr } = await tranquility('push', '--json', '-configFile', config, events);
    expect(stderr).toMatch(/^pulled_by_command: lane pull: .* Events are kept in .*\/journal\.\n$/);
    expect(JSON.parse(stdout)).toMatchObject({ sent: count, failed: 0, unread: 0, lane: 'pull' });
    expect(code).toBe(0);
    // Druid’s supervisor notices a while later that its tasks have ended.
    const ended = await until(supervisor, (told) => told?.tasks.length === 0, 60_000);
    expect(ended, await stateOf(dataSource)).toMatchObject({ owner: 'ours', suspendedBy: 'us', tasks: [] });
    const tasks = await tasksOf(dataSource);
    expect([...tasks.values()].map(({ statusCode }) => statusCode)).toEqual(['SUCCESS']);
    expect(await numberedUntil(dataSource, count)).toEqual(tallyOf(count));
  });

  it('makes a suspension of ours one of the user, and ends the supervisor', async () => {
    expect(await tranquility('suspend', '-configFile', config)).toMatchObject({ code: 0, stderr: '' });
    expect(await supervisor()).toMatchObject({ owner: 'ours', suspendedBy: 'others' });
    expect(await tranquility('terminate', '-configFile', config)).toMatchObject({ code: 0, stderr: '' });
    expect(await supervisor()).toBeNull();
  });
});

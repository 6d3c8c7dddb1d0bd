import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScriptedDruid } from '@tranquility-js/scripted-druid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { probe, readConfig, type Finding } from '../../src/index.js';
import { Journal } from '../../src/journal/journal.js';
import { flights } from '../support/configs.js';
import { ScriptedZooKeeper } from '../support/scripted-zookeeper.js';

const state = '/tranquility/beams/druid:overlord/flights';
const start = '2026-03-05T10:00:00.000Z';
const task = (partition: number): string => `index_realtime_flights_${start}_${partition}_0`;

describe('a look at the servers', () => {
  let druid: ScriptedDruid;
  let zookeeper: ScriptedZooKeeper;

  beforeEach(async () => {
    druid = await ScriptedDruid.start();
    zookeeper = await ScriptedZooKeeper.start();
    druid.workers = [{ host: 'w1:8091', capacity: 2, tasks: [] }];
  });
  afterEach(async () => {
    await druid[Symbol.asyncDispose]();
    await zookeeper[Symbol.asyncDispose]();
  });

  async function look(properties: Record<string, unknown> = {}, timeout = 20_000): Promise<readonly Finding[]> {
    const config = readConfig(flights({ 'druid.overlord.urls': druid.url, ...properties }));
    return probe([...config.dataSources.values()], { timeout });
  }
  const lines = (findings: readonly Finding[]): string[] =>
    findings.map(({ check, status, message }) => `${status} ${check}: ${message}`);

  it('finds all well, and leaves nothing behind', async () => {
    expect(lines(await look())).toEqual([
      `ok overlord: ${druid.url} answers, and leads.`,
      `ok leader: ${druid.url} leads.`,
      'ok auth: The overlord answers without credentials.',
      'ok version: Druid 28.0.0 takes realtime tasks.',
      'ok capacity: Up to 2 slots are needed while tasks end and the next ones begin; one worker has 2 slots.',
    ]);
    expect(druid.count(/^POST/)).toBe(0);
    expect(druid.tasks.size).toBe(0);
  });

  it('says how the overlord was spoken to', async () => {
    expect(lines(await look({ 'druidBeam.bearerToken': 'token-of-ours' }))).toContain(
      'ok auth: The overlord takes our credentials.',
    );
  });

  it('shows no credentials that a server repeats, and takes no such answer for a leader', async () => {
    druid.script = ({ headers, path }) =>
      path.endsWith('Leader') ? undefined : { status: 200, body: JSON.stringify(headers) };
    const found = await look({ 'druidBeam.bearerToken': 'token-of-ours' });
    expect(lines(found).join()).toMatch(
      /failure leader: The overlord refused a question about the leader: 200 .*\[secret\]/,
    );
    expect(JSON.stringify(found)).not.toContain('token-of-ours');
  });

  it('takes any time to wait', async () => {
    expect(lines(await look({}, 20_000.5))).toContain(`ok leader: ${druid.url} leads.`);
    expect(lines(await look({}, Infinity))).toContain(`ok leader: ${druid.url} leads.`);
  });

  it('finds the overlord through ZooKeeper, and the state there writable', async () => {
    const node = '/druid/discovery/druid:overlord/1';
    const instance = { address: '127.0.0.1', port: druid.port, sslPort: -1, registrationTimeUTC: 1 };
    zookeeper.put(node, JSON.stringify(instance));
    const findings = await look({ 'druid.overlord.urls': null, 'zookeeper.connect': zookeeper.address });
    expect(lines(findings).slice(0, 3)).toEqual([
      `ok zookeeper: ${zookeeper.address} gives us a session.`,
      `ok state: ${state} can be written; it holds 0 segments.`,
      `ok overlord: ${druid.url} answers, and leads.`,
    ]);
    expect(zookeeper.requests.filter((request) => request.startsWith('create'))).toHaveLength(1);
    expect(
      zookeeper.requests.filter((request) => /^(create|remove|delete).*tranquility-probe-/.test(request)),
    ).toHaveLength(2);
  });

  it('asks no further when ZooKeeper, through which Druid is found, does not answer', async () => {
    const findings = await look({ 'druid.overlord.urls': null, 'zookeeper.connect': '127.0.0.1:1' }, 2_000);
    expect(findings.map(({ check, status }) => `${status} ${check}`)).toEqual([
      'failure zookeeper',
      'failure overlord',
    ]);
    expect(findings[0]?.message).toMatch(/nothing within 2000 ms.*ECONNREFUSED.*Check zookeeper\.connect/);
  });

  it('tells a state that cannot be read', async () => {
    zookeeper.put(`${state}/data`, 'nonsense');
    const [, finding] = await look({ 'zookeeper.connect': zookeeper.address });
    expect(finding).toMatchObject({ check: 'state', status: 'failure' });
    expect(finding?.message).toContain(`at ${state}/data cannot be read`);
  });

  it('tells that no overlord is announced in ZooKeeper', async () => {
    const findings = await look({ 'druid.overlord.urls': null, 'zookeeper.connect': zookeeper.address });
    expect(findings.at(-1)).toMatchObject({ check: 'overlord', status: 'failure' });
    expect(findings.at(-1)?.message).toContain('no overlord is announced under /druid/discovery/druid:overlord');
    expect(findings.at(-1)?.remedy).toContain('druid.selectors.indexing.serviceName');
  });

  it('tells of each address that is wrong: as a warning where another one is right', async () => {
    const wrong = 'http://127.0.0.1:1';
    const [alone, leader] = await look({ 'druid.overlord.urls': wrong });
    expect(alone).toMatchObject({ check: 'overlord', status: 'failure' });
    expect(alone?.message).toMatch(/^http:\/\/127\.0\.0\.1:1 does not answer: .*ECONNREFUSED/);
    expect(leader).toMatchObject({ check: 'leader', status: 'failure' });
    const both = await look({ 'druid.overlord.urls': `${wrong},${druid.url}` });
    expect(both.map(({ status }) => status)).toEqual(['warning', 'ok', 'ok', 'ok', 'ok', 'ok']);
  });

  it('tells a server that is no overlord', async () => {
    druid.script = () => ({ status: 404, body: 'Not found' });
    const [finding] = await look();
    expect(finding?.message).toBe(`${druid.url} does not answer as an overlord does: 404 Not found.`);
    expect(finding?.remedy).toContain('of a coordinator with an overlord in it');
  });

  it('ends in time when a server takes connections and says nothing', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = silent.address() as AddressInfo;
      const findings = await look({ 'druid.overlord.urls': `http://127.0.0.1:${port}` }, 200);
      expect(findings.map(({ message }) => message)).toEqual([
        `http://127.0.0.1:${port} does not answer: nothing within 0.2 s.`,
        expect.stringContaining(`No overlord answered at http://127.0.0.1:${port} within 0.2 s.`),
      ]);
    } finally {
      silent.close();
    }
  });

  it('tells that nobody leads', async () => {
    druid.script = ({ path }) => (path.includes('eader') ? { status: 404, body: { leader: false } } : undefined);
    const findings = await look();
    expect(findings[0]?.message).toBe(`${druid.url} answers; another one leads.`);
    expect(findings[1]).toMatchObject({ check: 'leader', status: 'failure' });
    expect(findings[1]?.message).toContain('knows no leader');
  });

  it('tells that credentials are refused, and does not show them', async () => {
    druid.script = ({ path, headers }) =>
      path.endsWith('isLeader') || headers.authorization?.startsWith('Basic ') !== true
        ? undefined
        : { status: 401, body: { error: 'Unauthorized request.' } };
    const findings = await look({ 'druidBeam.basicAuthUser': 'ann', 'druidBeam.basicAuthPass': 'hidden' });
    expect(findings.at(-1)).toMatchObject({ check: 'auth', status: 'failure' });
    expect(findings.at(-1)?.message).toMatch(/refused us: 401.*Check druidBeam\.basicAuthUser/);
    expect(JSON.stringify(findings)).not.toContain('hidden');
  });

  it.each([
    ['30.0.1', 'ok', 'Druid 30.0.1 takes realtime tasks.'],
    [undefined, 'warning', 'Druid does not tell its version.'],
  ])('judges version %s', async (version, status, message) => {
    druid.script = ({ path }) => (path === '/status' ? { status: 200, body: { version } } : undefined);
    expect(await look()).toContainEqual(expect.objectContaining({ check: 'version', status, message }));
  });

  it('looks at the journal in which events wait for realtime tasks', async () => {
    const kept = { 'journal.directory': '/dev/null/journal', 'realtime.journal': true };
    expect((await look(kept)).at(-1)).toMatchObject({
      check: 'journal',
      status: 'failure',
      message: expect.stringContaining('/dev/null/journal/realtime cannot be used') as string,
    });
  });

  describe('where Druid reads from us', () => {
    let directory: string;

    beforeEach(async () => {
      druid.version = '33.0.0';
      directory = await mkdtemp(join(tmpdir(), 'tranquility-probe-'));
    });
    afterEach(() => rm(directory, { recursive: true }));

    const lookHere = (properties: Record<string, unknown> = {}): Promise<readonly Finding[]> =>
      look({
        'journal.directory': join(directory, 'a', 'journal'),
        'journal.minFreeBytes': 0,
        'pull.endpoint.port': 0,
        ...properties,
      });
    const about = (findings: readonly Finding[], check: Finding['check']): string[] =>
      lines(findings.filter((finding) => finding.check === check));

    it('finds all well, and leaves nothing behind', async () => {
      druid.workers = [{ host: 'localhost:8091', capacity: 2, tasks: ['index_kafka_flights_1'] }];
      const findings = await lookHere();
      expect(lines(findings).slice(3)).toEqual([
        'ok version: Druid 33.0.0 has no realtime tasks, and reads from us: its Kafka extension is loaded.',
        'ok capacity: Up to 2 slots are needed while tasks end and the next ones begin; one worker has 2 slots.',
        'ok supervisor: flights has none so far, and gets one with its first event.',
        expect.stringMatching(/^ok journal: .*\/a\/journal can be written, and is made with the first event\. \d+ MiB/),
        'ok endpoint: 127.0.0.1 is listened on at any port that is free.',
      ]);
      expect(await readdir(directory)).toEqual([]);
      expect(druid.count(/^POST/)).toBe(0);
    });

    it.each([
      ['auto', true, 'ok', 'Druid 33.0.0 has no realtime tasks, and reads from us: its Kafka extension is loaded.'],
      ['pull', true, 'ok', 'Druid 33.0.0 reads from us: its Kafka extension is loaded.'],
      ['pull', false, 'failure', 'Druid 33.0.0 cannot read from us: its Kafka extension is not loaded.'],
      ['realtime', true, 'failure', 'Druid 33.0.0 has no realtime tasks.'],
      ['append', false, 'ok', 'Druid 33.0.0 appends batches.'],
      [
        'auto',
        false,
        'ok',
        'Events are appended in batches. Druid 33.0.0 has no realtime tasks, and does not load its Kafka extension.',
      ],
    ])('judges lane %s with the extension: %s', async (lane, readsKafka, status, message) => {
      druid.readsKafka = readsKafka;
      expect(await lookHere({ 'tranquility.lane': lane })).toContainEqual(
        expect.objectContaining({ check: 'version', status, message }),
      );
    });

    it('says what is appended as Druid runs elsewhere, and looks at no endpoint', async () => {
      const elsewhere = 'http://overlord.example:8090';
      druid.script = ({ path }) => (path.endsWith('/leader') ? { status: 200, body: elsewhere } : undefined);
      const findings = await lookHere();
      expect(about(findings, 'version')).toEqual([
        'ok version: Events are appended in batches. Druid 33.0.0 has no realtime tasks, runs elsewhere, and is not told where it reaches us. To have it read from us, set pull.endpoint.host and pull.endpoint.advertised.',
      ]);
      expect([...about(findings, 'endpoint'), ...about(findings, 'supervisor')]).toEqual([]);
    });

    it('warns where Druid does not tell its extensions', async () => {
      druid.script = ({ path }) => (path === '/status' ? { status: 200, body: { version: '33.0.0' } } : undefined);
      expect(about(await lookHere(), 'version')).toEqual([
        'warning version: Druid 33.0.0 has no realtime tasks, and does not tell whether its Kafka extension is loaded.',
      ]);
    });

    it('tells a supervisor that is another’s, and one that somebody has suspended', async () => {
      const ioConfig = { topic: 'flights', consumerProperties: { 'bootstrap.servers': 'kafka:9092' } };
      druid.supervisors.put('flights', { type: 'kafka', spec: { ioConfig } });
      expect(about(await lookHere(), 'supervisor')).toEqual([
        expect.stringMatching(/^failure supervisor: flights has a supervisor that is not ours.*"kafka:9092"/),
      ]);
      const context = { 'tranquility.spec': 'print' };
      druid.supervisors.put('flights', { type: 'kafka', spec: { ioConfig }, context, suspended: true });
      expect(about(await lookHere({ 'pull.endpoint.advertised': 'kafka:9092' }), 'supervisor')).toEqual([
        'warning supervisor: The supervisor of flights is suspended: events wait in the journal. Resume it, by the command or in Druid’s console.',
      ]);
    });

    it('tells a journal that cannot be: no directory, no journal, no room', async () => {
      await writeFile(join(directory, 'file'), 'x');
      for (const [path, message] of [
        ['file', /^failure journal: .*file cannot be used: .*ENOTDIR/],
        ['', /^failure journal: .* is no journal, and not empty: it has file\./],
      ] as const) {
        expect(about(await lookHere({ 'journal.directory': join(directory, path) }), 'journal')).toEqual([
          expect.stringMatching(message),
        ]);
      }
      expect(about(await lookHere({ 'journal.minFreeBytes': 999_999_999_999_999 }), 'journal')).toEqual([
        expect.stringContaining('no event would be taken'),
      ]);
    });

    it('tells a port that is taken, unless it is by the process that has the journal', async () => {
      const port = druid.port;
      expect(about(await lookHere({ 'pull.endpoint.port': port }), 'endpoint')).toEqual([
        expect.stringMatching(/^failure endpoint: The endpoint cannot listen at 127\.0\.0\.1:\d+: .*EADDRINUSE/),
      ]);
      await using journal = await Journal.open({ directory: join(directory, 'open') });
      const held = { 'journal.directory': journal.directory, 'pull.endpoint.port': port };
      const findings = await lookHere(held);
      expect(about(findings, 'journal')[0]).toContain(`; process ${process.pid} has it open, and no other may.`);
      expect(about(findings, 'endpoint')).toEqual([
        `ok endpoint: process ${process.pid}, which has the journal open, listens there.`,
      ]);
    });

    it('warns when Druid runs elsewhere, and would look for us on its own machine', async () => {
      druid.workers = [{ host: '192.0.2.7:8091', capacity: 2, tasks: [] }];
      const [, warned] = about(await lookHere(), 'endpoint');
      expect(warned).toMatch(
        /^warning endpoint: Druid is told to read from 127\.0\.0\.1, but 192\.0\.2\.7 is not on this/,
      );
      expect(about(await lookHere({ 'pull.endpoint.advertised': '192.0.2.1:9392' }), 'endpoint')).toHaveLength(1);
    });
  });

  it('counts slots that others take, and not those that our own tasks have already', async () => {
    druid.workers = [
      { host: 'w1:8091', capacity: 4, tasks: [task(0), task(1), 'kafka_other_1'] },
      { host: 'w2:8091', capacity: 9, tasks: [], disabled: true },
    ];
    const findings = await look({ 'task.partitions': 2 });
    expect(findings.at(-1)).toMatchObject({
      status: 'warning',
      message:
        'Up to 4 slots are needed while tasks end and the next ones begin; one worker has 4 slots, 1 of them taken by other tasks.',
    });
    druid.workers = [{ host: 'w1:8091', capacity: 5, tasks: [task(0), task(1), 'kafka_other_1'] }];
    expect((await look({ 'task.partitions': 2 })).at(-1)).toMatchObject({ status: 'ok' });
  });

  it('warns of replicants that have no worker of their own, and of no workers at all', async () => {
    druid.workers = [{ host: 'w1:8091', capacity: 9, tasks: [] }];
    expect((await look({ 'task.replicants': 2 })).at(-1)).toMatchObject({
      status: 'warning',
      message: 'flights has 2 replicants, which run on different workers, and there is 1 worker.',
    });
    druid.workers = [];
    expect((await look()).at(-1)).toMatchObject({ check: 'capacity', status: 'warning' });
  });

  it('warns when the overlord does not tell of its workers', async () => {
    druid.script = ({ path }) =>
      path.endsWith('/workers')
        ? { status: 500, body: { error: 'Task Runner does not support worker listing' } }
        : undefined;
    const finding = (await look()).at(-1);
    expect(finding).toMatchObject({ check: 'capacity', status: 'warning' });
    expect(finding?.message).toContain('does not support worker listing');
  });

  it('sums up the dataSources of one Druid, and looks at each Druid once', async () => {
    await using other = await ScriptedDruid.start();
    other.workers = druid.workers;
    const [entry] = (flights() as { dataSources: { spec: { dataSchema: object } }[] }).dataSources;
    const named = (dataSource: string, properties: object = {}): object => ({
      spec: { ...entry?.spec, dataSchema: { ...entry?.spec.dataSchema, dataSource } },
      properties,
    });
    const config = readConfig({
      dataSources: [named('a'), named('b'), named('c', { 'druid.overlord.urls': other.url })],
      properties: { 'druid.overlord.urls': druid.url },
    });
    const findings = await probe([...config.dataSources.values()]);
    expect(findings.filter(({ check }) => check === 'leader')).toHaveLength(2);
    expect(findings.filter(({ check }) => check === 'capacity').map(({ message }) => message.slice(0, 20))).toEqual([
      'Up to 4 slots are ne',
      'Up to 2 slots are ne',
    ]);
  });
});

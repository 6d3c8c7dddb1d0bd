import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@tranquility-js/ports';
import { RawReader, requests, ScriptedDruid } from '@tranquility-js/scripted-druid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSender, silentLogger, type Sender } from '../../src/index.js';
import { flights } from '../support/configs.js';
import { readWithKafkajs } from '../support/kafkajs-reader.js';
import { ScriptedSupervisor } from '../support/scripted-supervisor.js';

const event = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  time: Date.now(),
  origin: 'SFO',
  destination: 'JFK',
  delay: 1,
  ...more,
});

describe('the lane', () => {
  let druid: ScriptedDruid;
  let supervisor: ScriptedSupervisor;
  let directory: string;
  let logs: string[];
  const senders: Sender[] = [];

  beforeEach(async () => {
    druid = await ScriptedDruid.start();
    druid.version = '33.0.0';
    supervisor = new ScriptedSupervisor(druid);
    directory = await mkdtemp(join(tmpdir(), 'tranquility-lane-'));
    logs = [];
  });
  afterEach(async () => {
    vi.useRealTimers();
    await Promise.all(senders.splice(0).map((sender) => sender.close({ timeout: 0, until: 'accepted' })));
    await druid[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  async function sender(
    properties: Record<string, unknown> = {},
    parts: Parameters<typeof flights>[1] = {},
    staged = false,
  ): Promise<Sender> {
    const log = (level: string) => (message: string) => void logs.push(`${level} ${message}`);
    const made = await createSender({
      config: flights(
        {
          'druid.overlord.urls': druid.url,
          'journal.directory': join(directory, 'journal'),
          'pull.endpoint.port': 0,
          'append.endpoint.port': 0,
          'pull.supervisorPeriod': 'PT0.05S',
          ...properties,
        },
        parts,
      ),
      staged,
      logger: { ...silentLogger, error: log('error'), warn: log('warn'), info: log('info') },
    });
    senders.push(made);
    return made;
  }

  const brokers = (): string[] => {
    const { consumerProperties } = supervisor.spec['ioConfig'] as { consumerProperties: Record<string, string> };
    return consumerProperties['bootstrap.servers']?.split(',') ?? [];
  };
  const read = async (): Promise<Map<number, Record<string, unknown>[]>> =>
    new Map(
      [...(await readWithKafkajs('flights', { brokers: brokers() }))].map(([partition, values]) => [
        partition,
        values.map((value) => JSON.parse(value) as Record<string, unknown>),
      ]),
    );
  const readAll = async (): Promise<Record<string, unknown>[]> => [...(await read()).values()].flat();

  it('is realtime where Druid has realtime tasks, and says so once', async () => {
    druid.version = '28.0.0';
    const flow = await sender();
    expect(flow.lane).toBeUndefined();
    expect(await flow.send(event())).toEqual({ status: 'sent' });
    expect(await flow.send(event())).toEqual({ status: 'sent' });
    expect(druid.rows).toHaveLength(2);
    expect(flow.lane).toEqual({ lane: 'realtime', reason: 'Druid 28.0.0 has realtime tasks.', alarms: [] });
    expect(logs.filter((line) => line.includes('lane'))).toEqual([
      'info flights goes to Druid by the lane realtime. Druid 28.0.0 has realtime tasks.',
    ]);
  });

  it('is pull where Druid has none and reads Kafka: a supervisor comes with the first event', async () => {
    const flow = await sender();
    await flow.connect();
    expect(supervisor.posts).toEqual([]);
    const tally = await flow.sendAll([
      event({ delay: 1 }),
      event({ delay: 2 }),
      Buffer.from(JSON.stringify(event({ delay: 3 }))),
    ]);
    expect(tally).toMatchObject({ received: 3, sent: 3 });
    expect(supervisor.posts).toHaveLength(1);
    expect((await readAll()).map(({ delay }) => delay)).toEqual([1, 2, 3]);
    expect(flow.lane?.lane).toBe('pull');
    expect(flow.counters.bytes).toBeGreaterThan(100);
  });

  it('is append where Druid does not load its Kafka extension, and events are kept until it has them', async () => {
    supervisor = new ScriptedSupervisor(druid, { readsKafka: false });
    const flow = await sender();
    await flow.connect();
    expect(await flow.send(event())).toEqual({ status: 'sent' });
    expect(flow.lane).toMatchObject({ lane: 'append', append: { unpublished: 1, batches: [] } });
    await senders.pop()?.close({ until: 'accepted' });
    const { script } = druid;
    druid.script = () => ({ status: 503 });
    const next = await sender();
    expect(next.lane).toMatchObject({ lane: 'append', append: { unpublished: 1 } });
    expect(await next.send(event())).toEqual({ status: 'sent' });
    expect(next.lane?.append?.unpublished).toBe(2);
    druid.script = script;
  });

  it('is append where Druid is elsewhere, and is not told where it reaches us', async () => {
    const { script } = druid;
    druid.script = (request) =>
      request.path === '/druid/indexer/v1/leader'
        ? { status: 200, body: 'http://overlord.example:8090' }
        : script(request);
    const flow = await sender();
    await flow.connect();
    expect(flow.lane?.lane).toBe('append');
    expect(flow.lane?.reason).toContain('set pull.endpoint.host and pull.endpoint.advertised');
    const told = await sender({ 'pull.endpoint.advertised': '127.0.0.1:19392', 'journal.directory': `${directory}/b` });
    await told.connect();
    expect(told.lane?.lane).toBe('pull');
  });

  it('is the one that the config names', async () => {
    druid.version = '28.0.0';
    const flow = await sender({ 'tranquility.lane': 'pull' });
    expect(flow.lane).toMatchObject({ lane: 'pull', reason: 'tranquility.lane is pull.' });
    expect(await flow.send(event())).toEqual({ status: 'sent' });
    expect(await readAll()).toHaveLength(1);
    expect(druid.tasks.size).toBe(0);
  });

  it('of events that came before it was known is that of the others, whatever the format of their time', async () => {
    const parts = { timestampSpec: { format: 'yyyy-MM-dd HH:mm' } };
    const flow = await sender({}, parts);
    const first = flow.send(event({ time: '2020-02-03 04:05' }));
    const broken = flow.send(event({ time: 'never' }));
    expect(await first).toEqual({ status: 'sent' });
    expect(await broken).toMatchObject({ status: 'dropped', reason: 'unparseable' });
    expect(await flow.send(event({ time: '2020-02-03 04:06' }))).toEqual({ status: 'sent' });
    const minute = Date.UTC(2020, 1, 3, 4, 5);
    expect((await readAll()).map(({ time }) => time)).toEqual([minute, minute + 60_000]);
    expect(supervisor.spec['dataSchema']).toMatchObject({ timestampSpec: { column: 'time', format: 'millis' } });
  });

  it('changes when Druid is upgraded, and what its tasks did not take goes by the next', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    druid.version = '28.0.0';
    const flow = await sender();
    expect(await flow.send(event())).toEqual({ status: 'sent' });
    const before = druid.rows.length;
    druid.version = '33.0.0';
    const modern = druid.script;
    druid.script = (request) =>
      request.path.endsWith('/push-events') || request.path.includes('/task/') ? 'reset' : modern(request);
    const stuck = flow.send(event({ delay: 7 }));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await stuck).toEqual({ status: 'sent' });
    expect(await flow.send(event({ delay: 8 }))).toEqual({ status: 'sent' });
    expect(flow.lane?.lane).toBe('pull');
    expect((await readAll()).map(({ delay }) => delay)).toEqual([7, 8]);
    expect(before).toBe(1);
    expect(logs.filter((line) => line.includes('by the lane'))).toHaveLength(2);
  });

  it('changes to append when an upgraded Druid does not read Kafka', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    druid.version = '28.0.0';
    const flow = await sender();
    expect(await flow.send(event())).toEqual({ status: 'sent' });
    druid.version = '33.0.0';
    supervisor = new ScriptedSupervisor(druid, { readsKafka: false });
    await vi.advanceTimersByTimeAsync(60_000);
    await vi.waitFor(() => expect(flow.lane?.lane).toBe('append'), 20_000);
    expect(await flow.send(event())).toEqual({ status: 'sent' });
    expect(flow.lane?.append?.unpublished).toBe(1);
  });

  it('tells once that an upgraded Druid cannot be taken', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    druid.version = '28.0.0';
    const flow = await sender({ 'append.endpoint.host': '192.0.2.1' });
    expect(await flow.send(event())).toEqual({ status: 'sent' });
    druid.version = '33.0.0';
    supervisor = new ScriptedSupervisor(druid, { readsKafka: false });
    for (let minute = 0; minute < 3; minute++) {
      const before = druid.count(/GET \/status/);
      await vi.waitFor(async () => {
        await vi.advanceTimersByTimeAsync(60_000);
        expect(druid.count(/GET \/status/)).toBeGreaterThan(before);
      }, 20_000);
    }
    await vi.waitFor(() => {
      expect(logs.filter((line) => line.startsWith('error Druid was upgraded'))).toHaveLength(1);
    }, 20_000);
    expect(flow.lane?.lane).toBe('realtime');
  });

  it('takes events while Druid is away, once there is a journal, and makes the supervisor when it is back', async () => {
    await (await sender()).send(event({ delay: 1 }));
    await senders.pop()?.close({ until: 'accepted' });
    supervisor.stored = undefined;
    const answers = druid.script;
    druid.script = () => ({ status: 503 });
    const flow = await sender();
    expect(flow.lane?.lane).toBe('pull');
    expect(await flow.send(event({ delay: 2 }))).toEqual({ status: 'sent' });
    for (let n = 3; n < 20; n++) expect(await flow.send(event({ delay: n }))).toEqual({ status: 'sent' });
    expect(supervisor.stored).toBeUndefined();
    expect(logs.filter((line) => line.startsWith('warn'))).toHaveLength(1);
    druid.script = answers;
    await vi.waitFor(() => expect(supervisor.stored).toBeDefined(), 10_000);
    expect((await readAll()).map(({ delay }) => delay)).toEqual(Array.from({ length: 19 }, (_, index) => index + 1));
  }, 20_000);

  it('shows staged events when their source has let go of them, and takes back what it gives again', async () => {
    const flow = await sender({}, {}, true);
    expect(flow.staging).toBeUndefined();
    for (const delay of [1, 2]) expect(await flow.send(event({ delay }))).toEqual({ status: 'sent' });
    expect(await flow.staging?.stage('two')).toBe(true);
    await flow.staging?.show();
    await flow.send(event({ delay: 0 }));
    expect((await readAll()).map(({ delay }) => delay)).toEqual([1, 2]);
    await flow.send(event({ delay: 3 }));
    await flow.staging?.drop();
    await flow.send(event({ delay: 4 }));
    await flow.staging?.stage('four');
    await flow.staging?.show();
    expect((await readAll()).map(({ delay }) => delay)).toEqual([1, 2, 4]);
    await flow.send(event({ delay: 5 }));
    await flow.staging?.stage('five');
    // What is not shown is its source's, so nothing waits for Druid to read it.
    expect(await flow.close({ timeout: 5_000 })).toMatchObject({ drained: true, unread: 0 });
  });

  it('takes no events while it is undecided whether those of before are shown', async () => {
    const first = await sender({}, {}, true);
    await first.send(event({ delay: 1 }));
    await first.staging?.stage('one');
    await senders.pop()?.close({ until: 'accepted' });
    await expect(sender()).rejects.toMatchObject({ code: 'TRQ_JOURNAL_STAGED' });
    const flow = await sender({}, {}, true);
    let isSent = false;
    const sending = flow.send(event({ delay: 2 })).then((outcome) => {
      isSent = true;
      return outcome;
    });
    await vi.waitFor(() => expect(flow.staging?.undecided).toBe('one'), 20_000);
    expect(isSent).toBe(false);
    await flow.staging?.show();
    expect(await sending).toEqual({ status: 'sent' });
    await flow.staging?.stage('two');
    await flow.staging?.show();
    expect((await readAll()).map(({ delay }) => delay)).toEqual([1, 2]);
  });

  it('realtime tells that nobody reads the journal of before', async () => {
    await (await sender()).send(event());
    await senders.pop()?.close({ until: 'accepted' });
    druid.version = '28.0.0';
    expect((await sender()).lane?.lane).toBe('realtime');
    expect(logs.at(-2)).toMatch(/^warn The journal in .* has events of flights, which nobody reads now/);
  });

  it('fails events that Druid will not read, and says why', async () => {
    supervisor.stored = { type: 'kafka', spec: { ioConfig: { topic: 'other' } } };
    const flow = await sender();
    await expect(flow.connect()).rejects.toMatchObject({ code: 'TRQ_SUPERVISOR_CONFLICT' });
    expect(await flow.send(event())).toMatchObject({ status: 'failed', error: { code: 'TRQ_SUPERVISOR_CONFLICT' } });
    expect(supervisor.posts).toEqual([]);
  });

  it('does not take a supervisor from a process that serves another journal', async () => {
    await (await sender()).send(event());
    const other = await sender({ 'journal.directory': join(directory, 'other') });
    expect(await other.send(event())).toMatchObject({ status: 'failed', error: { code: 'TRQ_SUPERVISOR_CONFLICT' } });
    expect(supervisor.posts).toHaveLength(1);
  });

  it('does not take it back either, when another journal has taken it over at its address', async () => {
    const port = { 'pull.endpoint.port': await freePort() };
    await (await sender(port)).send(event());
    await senders.pop()?.close({ until: 'accepted' });
    await (await sender({ ...port, 'journal.directory': join(directory, 'other') })).send(event());
    expect(supervisor.posts).toHaveLength(2);
    await senders.pop()?.close({ until: 'accepted' });
    expect(await (await sender(port)).send(event())).toMatchObject({
      status: 'failed',
      error: { code: 'TRQ_SUPERVISOR_CONFLICT' },
    });
    expect(supervisor.posts).toHaveLength(2);
  });

  it('says that the journal of before is lost, where a new one goes on in its place', async () => {
    const port = { 'pull.endpoint.port': await freePort() };
    const first = await sender(port);
    await first.send(event());
    expect(first.lane?.alarms).toEqual([]);
    await senders.pop()?.close({ until: 'accepted' });
    await rm(join(directory, 'journal'), { recursive: true });
    const next = await sender(port);
    await next.send(event());
    await expect.poll(() => next.lane?.alarms.map(({ reason }) => reason)).toEqual(['lost-journal']);
    const lost = logs.filter((line) => line.includes('are lost'));
    expect(lost).toEqual([expect.stringMatching(/^error Druid read flights at this address from another journal/)]);
    expect(lost[0]).toMatch(/all from Druid’s place up to offset \d{15,} in partition 0\./);
  });

  it('is taken before the first event by one of several nodes, and waits for Druid in the background', async () => {
    const { script } = druid;
    druid.script = () => ({ status: 503 });
    const [own, other] = [await freePort(), await freePort()];
    const flow = await sender({
      'pull.endpoint.port': own,
      'pull.endpoint.advertised': `127.0.0.1:${own}`,
      'pull.endpoint.nodes': `127.0.0.1:${other},127.0.0.1:${own}`,
    });
    expect(flow.lane).toBeUndefined();
    druid.script = script;
    await expect.poll(() => flow.lane?.lane).toBe('pull');
    await using reader = new RawReader(own);
    expect(await reader.ask(requests.apiVersions(3))).toBeDefined();
    expect(supervisor.posts).toEqual([]);
  });

  it('of a node gives up on a Druid that is away when it is closed', async () => {
    druid.script = () => ({ status: 503 });
    const flow = await sender({
      'pull.endpoint.nodes': '127.0.0.1:9392',
      'pull.endpoint.advertised': '127.0.0.1:9392',
    });
    await flow.close({ until: 'accepted' });
    expect(logs).toEqual([]);
  });

  it('makes its supervisor again when somebody has ended it', async () => {
    const flow = await sender();
    await flow.send(event());
    supervisor.stored = undefined;
    await vi.waitFor(() => expect(flow.lane?.alarms).toMatchObject([{ reason: 'missing' }]), 20_000);
    await flow.send(event());
    expect(supervisor.posts).toHaveLength(2);
    await vi.waitFor(() => expect(flow.lane?.alarms).toEqual([]), 20_000);
  });

  it('asks again until what refused it is mended', async () => {
    supervisor.stored = { type: 'kafka', spec: { ioConfig: { topic: 'other' } } };
    const flow = await sender();
    expect(await flow.send(event())).toMatchObject({ status: 'failed' });
    expect(flow.lane?.alarms).toMatchObject([{ reason: 'failing' }]);
    supervisor.stored = undefined;
    await vi.waitFor(() => expect(flow.lane?.alarms).toEqual([]), 10_000);
    expect(supervisor.posts).toHaveLength(1);
    expect(await flow.send(event())).toEqual({ status: 'sent' });
  }, 20_000);

  it('is not parked while another sender of the dataSource goes on', async () => {
    const [one, two] = [await sender(), await sender()];
    await Promise.all([one.send(event()), two.send(event())]);
    const closing = one.close({ until: 'published' });
    await readAll();
    await closing;
    expect(supervisor.suspended).toBe(false);
  });

  it('goes on with its supervisor at another address', async () => {
    await (await sender()).send(event());
    await senders.pop()?.close({ until: 'accepted' });
    const [before] = brokers();
    await (await sender()).send(event());
    expect(supervisor.posts).toHaveLength(2);
    expect(brokers()).not.toEqual([before]);
  });

  it('of several senders in a process shares a journal that is set up alike', async () => {
    const [one, two] = [await sender(), await sender()];
    await Promise.all([one.send(event({ delay: 1 })), two.send(event({ delay: 2 }))]);
    await one.close({ until: 'accepted' });
    expect(await two.send(event({ delay: 3 }))).toEqual({ status: 'sent' });
    expect((await readAll()).map(({ delay }) => delay).sort()).toEqual([1, 2, 3]);
    const third = await sender({ 'journal.reservePeriod': 'PT1H', 'tranquility.lane': 'pull' }).catch(
      (error: unknown) => error,
    );
    expect(third).toMatchObject({ code: 'TRQ_CONFIG_INVALID' });
  });

  it('spreads events over partitions, and serves those of before when there are fewer', async () => {
    const events = Array.from({ length: 60 }, (_, index) => event({ origin: `origin ${index}` }));
    await (await sender({ 'task.partitions': 3 })).sendAll(events);
    expect([...(await read()).values()].every((rows) => rows.length > 0)).toBe(true);
    expect((await read()).size).toBe(3);
    expect(supervisor.spec['ioConfig']).toMatchObject({ taskCount: 3 });
    await senders.pop()?.close({ until: 'accepted' });
    await (await sender({ 'task.partitions': 1 })).sendAll(events);
    const found = await read();
    expect([...found.keys()].sort()).toEqual([0, 1, 2]);
    expect(await readAll()).toHaveLength(120);
    expect(supervisor.spec['ioConfig']).toMatchObject({ taskCount: 1 });
  });

  it('tells at its end what Druid has not read', async () => {
    const flow = await sender();
    await flow.sendAll([event(), event()]);
    expect(await flow.close({ timeout: 100 })).toMatchObject({ sent: 2, drained: true, unread: 2 });
  });

  it('waits at its end until Druid has read, and published where that is asked for', async () => {
    const flow = await sender();
    await flow.sendAll([event(), event()]);
    supervisor.activeTasks = [{ id: 'task', startingOffsets: {}, currentOffsets: {} }];
    const closing = flow.close({ timeout: 20_000, until: 'published' });
    await readAll();
    expect(await closing).toMatchObject({ sent: 2, drained: true, unread: 0 });
    expect(supervisor.suspended).toBe(true);
    const next = await sender();
    await next.send(event());
    expect(supervisor.suspended).toBe(false);
  });

  it('looks before it is parked at what the journal need not keep, for the next process', async () => {
    const hourly = { 'pull.supervisorPeriod': 'PT1H', 'journal.reservePeriod': 'PT0S' };
    const files = async (): Promise<string[]> =>
      (await readdir(join(directory, 'journal', 'flights-0'))).filter((file) => file.endsWith('.log')).sort();
    for (let run = 0; run < 4; run++) {
      const flow = await sender(hourly);
      await flow.send(event());
      // Of all that the runs before have written, Druid has published all.
      const place = Number.parseInt((await files()).at(-1) ?? '', 10);
      supervisor.activeTasks = [{ id: 'task', startingOffsets: { 0: place }, currentOffsets: { 0: place } }];
      const closing = flow.close({ timeout: 20_000, until: 'published' });
      await readAll();
      expect(await closing).toMatchObject({ unread: 0 });
      expect((await files()).length).toBeLessThanOrEqual(2);
    }
  });

  it('does not resume what somebody else has suspended', async () => {
    await (await sender()).send(event());
    await senders.pop()?.close({ until: 'accepted' });
    supervisor.stored = { ...supervisor.stored, suspended: true };
    await (await sender({ 'task.partitions': 2 })).send(event());
    expect(supervisor.posts).toHaveLength(2);
    expect(supervisor.suspended).toBe(true);
  });

  it('gives offsets above the place of Druid, where a journal was put back from a copy', async () => {
    await (await sender()).send(event({ delay: 1 }));
    await senders.pop()?.close({ until: 'accepted' });
    const place = 900_000_000_000_000;
    supervisor.activeTasks = [{ id: 'task', startingOffsets: { 0: 0 }, currentOffsets: { 0: place } }];
    const flow = await sender();
    await vi.waitFor(() => expect(logs.some((line) => line.includes('Druid stands at offset'))).toBe(true), 20_000);
    await flow.send(event({ delay: 2 }));
    await flow.close({ until: 'accepted' });
    const files = (await readdir(join(directory, 'journal', 'flights-0'))).filter((file) => file.endsWith('.log'));
    const bases = files.map((file) => Number.parseInt(file, 10)).sort((a, b) => a - b);
    expect(bases).toHaveLength(2);
    expect(bases[0]).toBeLessThan(place);
    expect(bases[1]).toBeGreaterThan(place);
  });

  it('waits while the journal is full, and goes on when Druid has published', async () => {
    const flow = await sender({
      'journal.maxBytes': 1_048_576,
      'journal.segmentBytes': 65_536,
      'journal.reservePeriod': 'PT0S',
      'tranquility.maxBatchBytes': 16_384,
    });
    const large = event({ origin: 'x'.repeat(10_000) });
    let taken = 0;
    const sending = (async () => {
      for (; taken < 150; taken++) expect(await flow.send(large)).toEqual({ status: 'sent' });
    })();
    await vi.waitFor(
      () => expect(logs.some((line) => line.startsWith('warn The journal takes no more'))).toBe(true),
      20_000,
    );
    const before = taken;
    const files = await readdir(join(directory, 'journal', 'flights-0'));
    const newest = Math.max(...files.map((file) => Number.parseInt(file, 10) || 0));
    supervisor.activeTasks = [{ id: 'task', startingOffsets: { 0: newest }, currentOffsets: {} }];
    await sending;
    expect(before).toBeLessThan(110);
    expect(taken).toBe(150);
  }, 60_000);
});

import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScriptedDruid } from '@tranquility-js/scripted-druid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createSender,
  silentLogger,
  type Clock,
  type Partitioner,
  type Sender,
  type Undelivered,
} from '../../src/index.js';
import { systemFiles } from '../../src/journal/file-system.js';
import { RelayPlace } from '../../src/relay/relay-place.js';
import { systemClock } from '../../src/time/clock.js';
import { flights } from '../support/configs.js';
import { ScriptedSupervisor } from '../support/scripted-supervisor.js';

const hour = 3_600_000;

/** The machine's clock, some hours further. */
const shifted = (millis: number): Clock => ({ ...systemClock, now: () => Date.now() + millis });

describe('the journal before the lane realtime', () => {
  let druid: ScriptedDruid;
  let directory: string;
  let logs: string[];
  let undelivered: (Undelivered & { event: unknown; wasAcknowledged: boolean })[];
  const senders: Sender[] = [];

  beforeEach(async () => {
    druid = await ScriptedDruid.start();
    directory = await mkdtemp(join(tmpdir(), 'tranquility-relay-'));
    logs = [];
    undelivered = [];
  });
  afterEach(async () => {
    await Promise.all(senders.splice(0).map((sender) => sender.close({ timeout: 0, until: 'accepted' })));
    await druid[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  async function sender(
    properties: Record<string, unknown> = {},
    clock: Clock = systemClock,
    partitioner?: Partitioner,
  ): Promise<Sender> {
    const log = (level: string) => (message: string) => void logs.push(`${level} ${message}`);
    const made = await createSender({
      config: flights({
        'druid.overlord.urls': druid.url,
        'journal.directory': join(directory, 'journal'),
        'journal.minFreeBytes': 0,
        'append.endpoint.port': 0,
        'realtime.journal': true,
        ...properties,
      }),
      clock,
      ...(partitioner === undefined ? {} : { partitioner }),
      logger: { ...silentLogger, error: log('error'), warn: log('warn') },
      onUndelivered: (event, outcome, wasAcknowledged) =>
        undelivered.push({
          ...outcome,
          event: event instanceof Uint8Array ? (JSON.parse(String(event)) as unknown) : event,
          wasAcknowledged,
        }),
    });
    senders.push(made);
    return made;
  }

  const event = (n: number, more: Record<string, unknown> = {}): Record<string, unknown> => ({
    time: Date.now(),
    origin: 'SFO',
    destination: 'JFK',
    delay: n,
    ...more,
  });
  const events = (from: number, to: number): Record<string, unknown>[] =>
    Array.from({ length: to - from }, (_, index) => event(from + index));
  const numbers = (): number[] => druid.rows.map(({ delay }) => Number(delay)).sort((a, b) => a - b);
  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);
  const refuseTasks = (): void => {
    druid.script = ({ path }) => (path.endsWith('/push-events') ? { status: 503 } : undefined);
  };
  const letTasks = (): void => {
    druid.script = () => undefined;
  };

  it('acknowledges what is on disk, and hands it to the tasks before it closes', async () => {
    const flow = await sender();
    expect(await flow.sendAll(events(0, 5_000))).toMatchObject({ received: 5_000, sent: 5_000 });
    expect(await flow.close()).toMatchObject({ sent: 5_000, drained: true, unread: 0, failed: 0 });
    expect(numbers()).toEqual(range(0, 5_000));
    expect(flow.lane).toMatchObject({
      lane: 'realtime',
      relay: { journal: join(directory, 'journal', 'realtime'), waiting: 0 },
    });
    expect(logs).toEqual([]);
  });

  it('acknowledges while tasks take nothing, tells how many wait, and delivers when they do', async () => {
    refuseTasks();
    const flow = await sender();
    await flow.connect();
    expect(await flow.sendAll(events(0, 100))).toMatchObject({ sent: 100 });
    expect(druid.rows).toEqual([]);
    expect(flow.lane?.relay?.waiting).toBe(100);
    letTasks();
    await vi.waitFor(() => expect(flow.lane?.relay?.waiting).toBe(0), 20_000);
    expect(numbers()).toEqual(range(0, 100));
  });

  it('acknowledges before it is known which lane Druid has', async () => {
    druid.script = () => ({ status: 503 });
    const flow = await sender();
    expect(await flow.send(event(1))).toEqual({ status: 'sent' });
    expect(flow.lane).toBeUndefined();
    letTasks();
    await vi.waitFor(() => expect(numbers()).toEqual([1]), 20_000);
  });

  it('drops at once what it would not deliver, as without a journal', async () => {
    const flow = await sender();
    await flow.connect();
    expect(await flow.send(event(1, { time: Date.now() - 5 * hour }))).toMatchObject({ reason: 'late' });
    expect(await flow.send(event(2, { time: Date.now() + 5 * hour }))).toMatchObject({ reason: 'early' });
    expect(await flow.send(event(3, { time: 'never' }))).toMatchObject({ reason: 'unparseable' });
    expect(undelivered.map(({ wasAcknowledged }) => wasAcknowledged)).toEqual([false, false, false]);
    expect(flow.lane?.relay?.waiting).toBe(0);
  });

  it('leaves what tasks have not taken to the next process, which delivers it once', async () => {
    const first = await sender();
    await first.sendAll(events(0, 50));
    await vi.waitFor(() => expect(first.lane?.relay?.waiting).toBe(0), 20_000);
    refuseTasks();
    await first.sendAll(events(50, 80));
    expect(await first.close({ timeout: 50 })).toMatchObject({ sent: 80, unread: 30, failed: 0, drained: true });
    expect(logs).toEqual([expect.stringContaining('30 events of flights are left in ') as string]);
    letTasks();
    const second = await sender();
    await vi.waitFor(() => expect(second.lane?.relay?.waiting).toBe(0), 20_000);
    expect(numbers()).toEqual(range(0, 80));
  });

  it('delivers what is left though the next process asks for no journal', async () => {
    refuseTasks();
    const first = await sender();
    await first.sendAll(events(0, 30));
    await first.close({ timeout: 0, until: 'accepted' });
    letTasks();
    const second = await sender({ 'realtime.journal': false });
    expect(await second.send(event(30))).toEqual({ status: 'sent' });
    await vi.waitFor(() => expect(numbers()).toEqual(range(0, 31)), 20_000);
  });

  describe('events whose window has closed meanwhile', () => {
    async function left(): Promise<void> {
      refuseTasks();
      const first = await sender();
      await first.sendAll(events(0, 30));
      await first.close({ timeout: 0, until: 'accepted' });
      letTasks();
      logs = [];
    }

    it('are dropped, counted, told and kept', async () => {
      await left();
      const kept = join(directory, 'late.ndjson');
      const properties = { 'tranquility.lateEvents': 'dead-letter', 'tranquility.deadLetterPath': kept };
      const second = await sender(properties, shifted(5 * hour));
      await vi.waitFor(() => expect(second.lane?.relay?.waiting).toBe(0), 20_000);
      expect(second.counters).toMatchObject({ received: 0, dropped: { late: 30 } });
      expect(undelivered).toHaveLength(30);
      expect(undelivered[0]).toMatchObject({ reason: 'late', wasAcknowledged: true, event: { delay: 0 } });
      expect(logs).toEqual([
        expect.stringMatching(/^warn Events of flights that were acknowledged are dropped/) as string,
      ]);
      await second.close();
      const lines = (await readFile(kept, 'utf8')).trim().split('\n');
      expect(lines.map((line) => (JSON.parse(line) as { event: { delay: number } }).event.delay)).toEqual(range(0, 30));
      expect(druid.rows).toEqual([]);
    });

    it('go to the journal of batches where late ones are appended', async () => {
      await left();
      const second = await sender({ 'tranquility.lateEvents': 'append' }, shifted(5 * hour));
      await vi.waitFor(() => expect(second.lane?.append?.unpublished).toBe(30), 20_000);
      expect(second.lane?.relay?.waiting).toBe(0);
      expect(second.counters.dropped).toEqual({});
    });
  });

  const taskHour = (millis: number): string => new Date(millis).toISOString().slice(0, 13);

  it('goes on with others while those of one segment fail', async () => {
    const before = Date.now() - hour;
    druid.script = ({ path, headers }) =>
      path.endsWith('/push-events') && String(headers['x-druid-task-id']).includes(taskHour(before))
        ? { status: 403, body: 'no' }
        : undefined;
    const config = { 'tranquility.maxBatchBytes': 4_096 };
    const flow = await createWide(config);
    for (let n = 0; n < 200; n += 2) await flow.sendAll([event(n), event(n + 1, { time: before })]);
    await vi.waitFor(() => expect(numbers()).toEqual(range(0, 100).map((n) => 2 * n)), 20_000);
    // Druid has the last of them a moment before its answer is here.
    const told = { relay: { waiting: 100 }, alarms: [{ reason: 'failing' }] };
    await vi.waitFor(() => expect(flow.lane).toMatchObject(told), 20_000);
    letTasks();
    await vi.waitFor(() => expect(flow.lane?.relay?.waiting).toBe(0), 60_000);
    expect(numbers()).toEqual(range(0, 200));
    expect(flow.lane?.alarms).toEqual([]);
  }, 90_000);

  describe('a task that does not start', () => {
    const properties = {
      'task.partitions': 2,
      'tranquility.maxBatchBytes': 4_096,
      'druidBeam.firehoseQuietPeriod': 'PT0.1S',
      'druidBeam.overlordPollPeriod': 'PT0.1S',
    };
    const byNumber: Partitioner = { partition: (fields) => Number(fields['delay']) % 2 };
    const evenOnes = (below: number): number[] => range(0, below).filter((n) => n % 2 === 0);

    /** Has the tasks of the second partition wait for a worker, or start. */
    function pend(state: 'PENDING' | 'RUNNING'): void {
      druid.script = () => {
        for (const task of druid.tasks.values()) if (task.id.endsWith('_1_0')) task.runnerStatus = state;
        return undefined;
      };
    }

    async function sendTo(flow: Sender, count: number): Promise<void> {
      await flow.sendAll(events(0, count));
      await vi.waitFor(() => expect(numbers()).toEqual(evenOnes(count)), 60_000);
      await vi.waitFor(() => expect(flow.lane?.relay?.waiting).toBe(count / 2), 20_000);
    }

    it('holds up no other, is told by name, and gets its events when it starts', async () => {
      pend('PENDING');
      const flow = await sender(properties, systemClock, byNumber);
      await sendTo(flow, 8_000);
      const [alarm, ...others] = flow.lane?.alarms ?? [];
      expect(alarm).toMatchObject({ reason: 'failing' });
      expect(alarm?.message).toMatch(/flights .*, partition 1 has not taken/);
      expect(others).toEqual([]);
      pend('RUNNING');
      await vi.waitFor(() => expect(flow.lane).toMatchObject({ relay: { waiting: 0 }, alarms: [] }), 60_000);
      expect(numbers()).toEqual(range(0, 8_000));
      expect(logs.filter((line) => line.includes('are not delivered yet'))).toHaveLength(1);
    }, 120_000);

    it('gets its events from the next process, and others none twice', async () => {
      pend('PENDING');
      const first = await sender(properties, systemClock, byNumber);
      await sendTo(first, 4_000);
      expect(await first.close({ timeout: 0 })).toMatchObject({ unread: 2_000 });
      pend('RUNNING');
      const second = await sender(properties, systemClock, byNumber);
      await vi.waitFor(() => expect(second.lane?.relay?.waiting).toBe(0), 60_000);
      expect(numbers()).toEqual(range(0, 4_000));
    }, 120_000);
  });

  it('is opened though very many stretches of it are not delivered, as an earlier version has noted them', async () => {
    await (await sender()).close();
    const realtime = join(directory, 'journal', 'realtime');
    const place = await RelayPlace.open(systemFiles, realtime, 'flights.place', 0);
    const stretches = Array.from({ length: 200_000 }, (_, index) => ({ from: index * 4, to: index * 4 + 1 }));
    await place.note({ next: 1_000_000, open: [stretches.slice(0, 1_000), stretches.slice(1_000)] });
    const flow = await sender();
    expect(await flow.send(event(1))).toEqual({ status: 'sent' });
    await vi.waitFor(() => expect(flow.lane?.relay?.waiting).toBe(0), 20_000);
    expect(numbers()).toEqual([1]);
  });

  it('knows in the next process which rows of a group are left', async () => {
    const before = Date.now() - hour;
    druid.script = ({ path, headers }) =>
      path.endsWith('/push-events') && String(headers['x-druid-task-id']).includes(taskHour(before))
        ? { status: 403, body: 'no' }
        : undefined;
    const first = await createWide({});
    await first.sendAll(range(0, 100).map((n) => event(n, n % 2 === 0 ? {} : { time: before })));
    await vi.waitFor(() => expect(first.lane?.alarms).toHaveLength(1), 20_000);
    await vi.waitFor(() => expect(numbers()).toHaveLength(50), 20_000);
    expect(await first.close({ timeout: 0, until: 'accepted' })).toMatchObject({ sent: 100, unread: 50 });
    letTasks();
    const second = await createWide({});
    await vi.waitFor(() => expect(second.lane?.relay?.waiting).toBe(0), 20_000);
    expect(numbers()).toEqual(range(0, 100));
  }, 60_000);

  /** With a window that the hour before is in. */
  async function createWide(properties: Record<string, unknown>): Promise<Sender> {
    const made = await createSender({
      config: flights(
        {
          'druid.overlord.urls': druid.url,
          'journal.directory': join(directory, 'journal'),
          'realtime.journal': true,
          ...properties,
        },
        { tuningConfig: { windowPeriod: 'PT2H' } },
      ),
    });
    senders.push(made);
    return made;
  }

  it('slows senders down when it is full, and removes what is delivered', async () => {
    refuseTasks();
    const flow = await sender({ 'journal.maxBytes': 1_048_576, 'tranquility.maxBatchBytes': 65_536 });
    const note = 'x'.repeat(1_000);
    const all = Array.from({ length: 3_000 }, (_, n) => event(n, { origin: note }));
    let sent = 0;
    const tally = flow.sendAll(all).then((result) => (sent = result.sent));
    await vi.waitFor(() => expect(logs.join()).toContain('The journal takes no more events'), 20_000);
    expect(sent).toBe(0);
    expect(flow.counters.sent).toBeLessThan(1_100);
    letTasks();
    expect(await tally).toBe(3_000);
    await flow.close();
    expect(numbers()).toEqual(range(0, 3_000));
  }, 60_000);

  it('is shared by two senders, as when a config is taken over', async () => {
    const first = await sender();
    await first.sendAll(events(0, 1_000));
    const second = await sender();
    await second.sendAll(events(1_000, 2_000));
    expect(await first.close()).toMatchObject({ sent: 1_000, unread: 0 });
    expect(await second.close()).toMatchObject({ sent: 1_000, unread: 0 });
    expect(numbers()).toEqual(range(0, 2_000));
  });

  it('is emptied by the lane that a newer Druid has, and passed by then', async () => {
    refuseTasks();
    const first = await sender();
    await first.sendAll(events(0, 30));
    await first.close({ timeout: 0, until: 'accepted' });
    druid.version = '33.0.0';
    letTasks();
    const supervisor = new ScriptedSupervisor(druid);
    const second = await sender({ 'pull.endpoint.port': 0, 'pull.supervisorPeriod': 'PT0.05S' });
    await vi.waitFor(() => expect(second.lane?.relay?.waiting).toBe(0), 20_000);
    expect(second.lane?.lane).toBe('pull');
    expect(supervisor.posts).toHaveLength(1);
    expect(await second.send(event(30))).toEqual({ status: 'sent' });
    expect(second.lane?.relay?.waiting).toBe(0);
    expect(await readdir(join(directory, 'journal', 'flights-0'))).not.toEqual([]);
  });

  it('raises an alarm while it cannot be noted what is delivered, whatever else goes well, and says so once', async () => {
    const place = join(directory, 'journal', 'realtime', 'flights.place');
    const inTheWay = `${place}.new`;
    const flow = await sender();
    await mkdir(inTheWay);
    await flow.sendAll(events(0, 10));
    const alarm = { reason: 'failing', message: expect.stringContaining(place) as string };
    await vi.waitFor(() => expect(flow.lane?.alarms).toEqual([alarm]), 20_000);
    await flow.sendAll(events(10, 20));
    await vi.waitFor(() => expect(numbers()).toEqual(range(0, 20)), 20_000);
    await vi.waitFor(() => expect(flow.lane).toMatchObject({ alarms: [alarm], relay: { waiting: 0 } }), 20_000);
    druid.script = ({ path }) => (path.endsWith('/push-events') ? { status: 403, body: 'no' } : undefined);
    await flow.sendAll(events(20, 30));
    await vi.waitFor(() => expect(flow.lane?.alarms).toHaveLength(2), 20_000);
    await rmdir(inTheWay);
    await vi.waitFor(() => expect(flow.lane?.alarms).toHaveLength(1), 20_000);
    expect(flow.lane?.alarms).not.toContainEqual(alarm);
    letTasks();
    await vi.waitFor(() => expect(flow.lane?.alarms).toEqual([]), 20_000);
    expect(logs.filter((line) => line.startsWith('warn It cannot be noted which events of flights'))).toHaveLength(1);
    expect(logs.filter((line) => line.includes(place))).toHaveLength(1);
  }, 60_000);

  it('says of a place that is not as it was written what to do', async () => {
    const first = await sender();
    await first.sendAll(events(0, 30));
    await first.close();
    await truncate(join(directory, 'journal', 'realtime', 'flights.place'), 5);
    await expect(sender()).rejects.toMatchObject({
      code: 'TRQ_JOURNAL_FORMAT',
      message: expect.stringContaining('remove it, and all events that are still in the folder') as string,
    });
  });
});

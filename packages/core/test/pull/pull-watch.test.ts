import { MemoryLog } from '@tranquility-js/scripted-druid';
import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/observe/logger.js';
import type { PartitionReading } from '../../src/pull/fetch-ledger.js';
import { PullWatch } from '../../src/pull/pull-watch.js';
import type { SupervisorStatus } from '../../src/pull/supervisor-status.js';
import { ManualClock } from '../support/manual-clock.js';

const running: SupervisorStatus = {
  ...{ state: 'RUNNING', detailedState: 'RUNNING', healthy: true, tasks: ['a'], errors: [] },
  ...{ currentOffsets: new Map(), lag: new Map(), oldestNeeded: new Map() },
};

describe('the watch', () => {
  let clock: ManualClock;
  let log: MemoryLog;
  let logs: Map<number, MemoryLog>;
  let status: SupervisorStatus | undefined | Error;
  let reading: PartitionReading | undefined;
  let lines: string[];
  let watch: PullWatch;

  beforeEach(() => {
    clock = new ManualClock(0);
    log = new MemoryLog();
    logs = new Map([[0, log]]);
    status = running;
    reading = undefined;
    lines = [];
    const note = (line: string): void => {
      lines.push(line);
    };
    watch = new PullWatch({
      supervisor: {
        dataSource: 'flights',
        status: () => (status instanceof Error ? Promise.reject(status) : Promise.resolve(status)),
      },
      endpoint: { nodes: [{ id: 0, host: 'push', port: 9092 }], reading: () => reading },
      logs,
      clock,
      logger: { ...silentLogger, error: note, info: note },
      tolerance: { unread: 1_000, stuck: 5_000, behind: 10 },
    });
  });

  const read = (offset: number, more: Partial<PartitionReading> = {}): PartitionReading => ({
    ...{ askedAt: clock.now(), offset, bytes: 0, gaps: [], beyondEnd: 0 },
    ...more,
  });
  const currentAt = (offset: number): SupervisorStatus => ({ ...running, currentOffsets: new Map([[0, offset]]) });
  async function lookAfter(millis: number): Promise<string[]> {
    clock.advance(millis);
    return (await watch.look()).map(({ reason }) => reason);
  }

  it('finds all well while there is nothing to read, and while Druid reads', async () => {
    expect(await lookAfter(10_000)).toEqual([]);
    log.append(['a']);
    reading = read(1);
    status = currentAt(1);
    expect(await lookAfter(10_000)).toEqual([]);
    expect(await lookAfter(10_000)).toEqual([]);
    expect(lines).toEqual([]);
  });

  it('says once that nobody asks for events that wait, and once that it is well again', async () => {
    log.append(['a']);
    expect(await lookAfter(0)).toEqual([]);
    expect(await lookAfter(1_001)).toEqual(['not-reading']);
    expect(await lookAfter(5_000)).toEqual(['not-reading']);
    reading = read(1);
    expect(await lookAfter(1)).toEqual([]);
    expect(lines).toEqual([
      'Events of partition 0 of flights have waited for 1 s, and nobody has asked for them. Check that Druid’s overlord and workers reach push:9092, that workers have free slots, and the tasks’ logs.',
      'Druid reads the events of flights as it should again.',
    ]);
  });

  it('finds a reader that asks and gets no further', async () => {
    log.append(['a', 'b']);
    status = currentAt(1);
    for (let times = 0; times < 6; times++) {
      reading = read(2);
      await lookAfter(1_000);
    }
    expect(watch.alarms).toEqual([]);
    expect(await lookAfter(1_000)).toEqual(['stuck']);
    status = currentAt(2);
    expect(await lookAfter(1_000)).toEqual([]);
  });

  it('finds a log that ends before where Druid stands, by its offset or by what it asks for', async () => {
    log.append(['a']);
    reading = read(1);
    status = currentAt(40);
    expect(await lookAfter(0)).toEqual(['beyond-end']);
    expect(lines[0]).toContain('Druid stands at offset 40 of partition 0 of flights, but the log ends at 1');
    status = running;
    reading = read(41, { beyondEnd: 1 });
    expect(await lookAfter(0)).toEqual(['beyond-end']);
  });

  it('keeps telling a gap', async () => {
    log.append(['a'], { offset: 90 });
    reading = read(91, { gaps: [{ from: 5, to: 90 }] });
    expect(await lookAfter(0)).toEqual(['gap']);
    expect(await lookAfter(100_000)).toEqual(['gap']);
    expect(lines).toHaveLength(1);
  });

  it('tells of each partition that has the same trouble', async () => {
    log.append(['a']);
    expect(await lookAfter(0)).toEqual([]);
    expect(await lookAfter(1_001)).toEqual(['not-reading']);
    logs.set(1, log);
    expect(await lookAfter(0)).toEqual(['not-reading']);
    expect(await lookAfter(1_001)).toEqual(['not-reading', 'not-reading']);
    expect(watch.alarms.map(({ partition }) => partition)).toEqual([0, 1]);
    expect(await lookAfter(1)).toHaveLength(2);
    expect(lines.map((line) => /partition \d/.exec(line)?.[0])).toEqual(['partition 0', 'partition 1']);
  });

  it('says that it is well again though a gap is told on', async () => {
    log.append(['a'], { offset: 90 });
    status = undefined;
    reading = read(91, { gaps: [{ from: 5, to: 90 }] });
    expect(await lookAfter(0)).toEqual(['missing']);
    status = running;
    expect(await lookAfter(0)).toEqual(['gap']);
    expect(await lookAfter(0)).toEqual(['gap']);
    expect(lines).toEqual([
      expect.stringContaining('has no supervisor any more'),
      expect.stringContaining('was served over a gap'),
      'Druid reads the events of flights as it should again.',
    ]);
  });

  it('takes offsets that a crash left out for nothing that Druid has not read', async () => {
    log.append(['a'], { offset: log.endOffset });
    const end = log.endOffset;
    log.leaveOut(1_000_000);
    status = currentAt(end);
    reading = read(end);
    expect(await lookAfter(0)).toEqual([]);
    reading = read(end);
    expect(await lookAfter(6_000)).toEqual([]);
  });

  it('finds that Druid falls behind', async () => {
    log.append(Array.from({ length: 20 }, () => 'a'));
    reading = read(5);
    expect(await lookAfter(0)).toEqual(['behind']);
    expect(lines[0]).toContain('Druid is 15 events behind in partition 0 of flights.');
  });

  it.each([
    [undefined, 'missing', 'flights has no supervisor any more'],
    [new Error('connect ECONNREFUSED'), 'unreachable', 'does not say how flights is read: connect ECONNREFUSED'],
    [{ ...running, state: 'SUSPENDED' }, 'suspended', 'Resume it'],
    [
      { ...running, state: 'UNHEALTHY_TASKS', healthy: false, errors: ['E: m'] },
      'failing',
      'is UNHEALTHY_TASKS (RUNNING): E: m.',
    ],
  ])('tells what the supervisor is: %o', async (found, reason, words) => {
    status = found;
    expect(await lookAfter(0)).toEqual([reason]);
    expect(lines[0]).toContain(words);
  });

  it('does not blame Druid for what waits while the supervisor is suspended', async () => {
    log.append(['a']);
    status = { ...running, state: 'SUSPENDED' };
    await lookAfter(0);
    expect(await lookAfter(100_000)).toEqual(['suspended']);
  });

  it('looks until it is told to stop', async () => {
    const stop = new AbortController();
    status = undefined;
    const running = watch.run(1_000, stop.signal);
    await expect.poll(() => lines.length).toBe(1);
    stop.abort();
    await running;
  });
});

import { describe, expect, it } from 'vitest';
import { appendTask } from '../../src/append/append-task.js';
import { identityOf, markOf, taskIdOf } from '../../src/append/batch-identity.js';
import { slotsFor } from '../../src/append/slots-for.js';
import { chooseDataSource, readConfig } from '../../src/config/config.js';
import { flights } from '../support/configs.js';

const spec = (tuningConfig: Record<string, unknown> = {}) =>
  chooseDataSource(readConfig(flights({ 'druid.overlord.urls': 'http://o:1' }, { tuningConfig })), undefined).spec;
const parts = {
  id: 'append_flights_a-0-1_1',
  input: { kind: 'inline', lines: '{}\n' },
  version: '33.0.0',
  timestampFormat: 'auto',
  awaitAvailability: 0,
} as const;

describe('the task that appends', () => {
  it('takes the schema and the tuning of the spec, and appends', () => {
    const task = appendTask(spec({ maxRowsInMemory: 7, maxRowsPerSegment: 9, maxTotalRows: 3 }), parts);
    expect(task).toMatchObject({
      type: 'index_parallel',
      id: parts.id,
      spec: {
        dataSchema: {
          dataSource: 'flights',
          timestampSpec: { column: 'time', format: 'auto' },
          granularitySpec: { type: 'uniform', segmentGranularity: 'HOUR' },
        },
        ioConfig: {
          appendToExisting: true,
          inputSource: { type: 'inline', data: '{}\n' },
          inputFormat: { type: 'json' },
        },
        tuningConfig: {
          type: 'index_parallel',
          maxRowsInMemory: 7,
          maxNumConcurrentSubTasks: 1,
          partitionsSpec: { type: 'dynamic', maxRowsPerSegment: 9, maxTotalRows: markOf(parts.id) },
        },
      },
      context: { useConcurrentLocks: true, storeCompactionState: true },
    });
    const { tuningConfig } = task['spec'] as { tuningConfig: Record<string, unknown> };
    for (const key of ['maxRowsPerSegment', 'maxTotalRows', 'windowPeriod'])
      expect(tuningConfig).not.toHaveProperty(key);
  });

  it.each([
    ['27.0.0', {}],
    ['28.0.0', { useSharedLock: true }],
    ['30.0.0', { useConcurrentLocks: true }],
    [undefined, { useConcurrentLocks: true }],
  ])('shares its locks with others on Druid %s', (version, context) => {
    expect(appendTask(spec(), { ...parts, version })['context']).toEqual({ ...context, storeCompactionState: true });
  });

  it('reads large batches from us, and may wait until they can be queried', () => {
    const input = { kind: 'http', url: 'http://h:1/p', user: 'u', password: 'p' } as const;
    expect(appendTask(spec(), { ...parts, input, awaitAvailability: 5_000 })).toMatchObject({
      spec: {
        ioConfig: {
          inputSource: {
            type: 'http',
            uris: ['http://h:1/p'],
            httpAuthenticationUsername: 'u',
            httpAuthenticationPassword: 'p',
          },
        },
        tuningConfig: { awaitSegmentAvailabilityTimeoutMillis: 5_000 },
      },
    });
  });
});

it.each([
  [{}, undefined, 200],
  [{ maxSavedParseExceptions: 7 }, undefined, 7],
  [{}, 5_000, 5_000],
  [{ maxSavedParseExceptions: 7 }, 5_000, 5_000],
])('a task of the tuning %j that must tell of %s rows tells of %i that it cannot read', (tuning, must, told) => {
  const task = appendTask(spec(tuning), { ...parts, ...(must === undefined ? {} : { mustTellOf: must }) });
  expect(task).toMatchObject({ spec: { tuningConfig: { maxSavedParseExceptions: told } } });
});

describe('the identity of a batch', () => {
  it('is that of its journal and its place in it', () => {
    const journal = '01234567-89ab-cdef-0123-456789abcdef';
    const identity = identityOf(journal, { from: 35, to: 72, secret: 'of this plan' });
    expect(identity).toMatch(/^0123456789ab-z-20-[0-9a-f]{6}$/);
    expect(identityOf(journal, { from: 35, to: 72, secret: 'of another' })).not.toBe(identity);
    expect(taskIdOf('clicks', identity, 2)).toBe(`append_clicks_${identity}_2`);
  });

  it('has a mark that JSON keeps exactly, and that limits nothing', () => {
    const marks = Array.from({ length: 1_000 }, (_, attempt) => markOf(`task_${attempt}`));
    expect(new Set(marks).size).toBe(1_000);
    for (const mark of marks) {
      expect(Number.isSafeInteger(mark)).toBe(true);
      expect(mark).toBeGreaterThanOrEqual(2 ** 52);
    }
    expect(markOf('append_a_1')).toBe(markOf('append_a_1'));
  });
});

it('tasks take half of the slots of the workers that take any, and one at least', () => {
  const worker = { host: 'h:1', used: 0, enabled: true, tasks: [] };
  expect(slotsFor([])).toBe(1);
  expect(slotsFor([{ ...worker, capacity: 5 }])).toBe(2);
  expect(
    slotsFor([
      { ...worker, capacity: 5 },
      { ...worker, capacity: 5, enabled: false },
    ]),
  ).toBe(2);
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeBatch, Journal, property, text, type PropertyTable } from '@tranquility-js/core/internal';
import { describe, expect, it, onTestFinished } from 'vitest';
import { streamProperties } from '../src/properties.js';
import { readPlan, type PlanForm } from '../src/read-plan.js';
import { routeProperties } from '../src/route-properties.js';

const table = {
  ...routeProperties('topic'),
  'deadLetter.topic': property(text, { description: 'Where dead letters go.' }),
  ...streamProperties,
} as const satisfies PropertyTable;

const form: PlanForm<string[], typeof table> = {
  noun: 'topic',
  table,
  readClient: (given) => [...given.keys()],
};

const dataSource = (name: string, properties?: object): object => ({
  spec: {
    dataSchema: {
      dataSource: name,
      timestampSpec: { column: 'time', format: 'auto' },
      dimensionsSpec: { dimensions: [] },
      granularitySpec: { segmentGranularity: 'HOUR', queryGranularity: 'MINUTE' },
    },
    tuningConfig: { type: 'realtime', windowPeriod: 'PT10M' },
  },
  ...(properties === undefined ? {} : { properties }),
});

const config = (own: object): object => ({
  dataSources: [dataSource('clicks', { topicPattern: 'clicks', ...own })],
  properties: { 'druid.overlord.urls': 'http://druid:8081' },
});

describe('a plan', () => {
  it('has what is for the whole connector, and what is for each dataSource', async () => {
    const own = { topicPattern: 'clicks-.*', 'topicPattern.priority': '3', useTopicAsDataSource: 'true' };
    const given = {
      dataSources: [dataSource('clicks', own), dataSource('views')],
      properties: { 'druid.overlord.urls': 'http://druid:8081', topicPattern: 'views', onDrop: 'stop' },
    };
    const plan = await readPlan(form, given, { onUnparseable: 'count' });
    expect(plan.client).toEqual(['druid.overlord.urls', 'topicPattern', 'onDrop', 'onUnparseable']);
    expect(plan.routes).toMatchObject([
      { dataSource: 'clicks', priority: 3, usesStreamName: true },
      { dataSource: 'views', priority: 1, usesStreamName: false },
    ]);
    expect(plan.routes.map(({ pattern }) => ['clicks-1', 'views'].map((name) => pattern.test(name)))).toEqual([
      [true, false],
      [false, true],
    ]);
    expect(plan.properties.get('views')).toMatchObject({ onDrop: 'stop', onUnparseable: 'count' });
  });

  it('without topics is warned of', async () => {
    const given = { ...config({}), dataSources: [dataSource('clicks')] };
    expect((await readPlan(form, given, {})).config.warnings.join('\n')).toContain('"clicks" has no topics');
  });

  it('tells what a connector finds wrong beside what all find wrong', async () => {
    const checked: typeof form = {
      ...form,
      check: (_, given) => {
        given.get('columns')?.fail('is not for today.');
      },
    };
    const own = { columns: { key: 'user' }, onDrop: 'dead-letter' };
    const refused = readPlan(checked, config(own), {});
    await expect(refused).rejects.toThrow('is not for today');
    await expect(refused).rejects.toThrow('Set deadLetter.topic, where they go');
  });

  it.each([
    [{ topicPattern: '(' }, 'not a regular expression that JavaScript can read'],
    [{ onDrop: 'dead-letter' }, 'Set deadLetter.topic, where they go'],
    [{ window: 'dead-letter' }, 'Set deadLetter.topic, where they go'],
    [{ topicPattern: '.*', 'deadLetter.topic': 'dead' }, 'dead letters would come back for ever'],
    [{ filter: { type: 'spatial' } }, 'not a filter of Druid’s'],
    [{ columns: { value: 'x' } }, 'not an object of columns'],
    [{ window: 'stop' }, 'not one of: drop, dead-letter, append'],
    [{ window: 'append', 'tranquility.lateEvents': 'drop' }, 'is "append", but tranquility.lateEvents is "drop"'],
    [{ window: 'drop', 'tranquility.lateEvents': 'append' }, 'is "drop", but tranquility.lateEvents is "append"'],
  ])('%j is refused', async (own, message) => {
    await expect(readPlan(form, config(own), {})).rejects.toThrow(message);
  });

  it.each([
    { window: 'append' },
    { window: 'append', 'tranquility.lateEvents': 'append' },
    { window: 'drop', 'tranquility.lateEvents': 'drop' },
  ])('%j is not', async (own) => {
    expect((await readPlan(form, config(own), {})).properties.get('clicks')).toMatchObject({ window: own.window });
  });

  it('warns of events in the journal for dataSources that it does not have, unless these are named like topics', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tranquility-plan-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const journal = await Journal.open({ directory, minFreeBytes: 0 });
    await (await journal.log('trains', 0)).append(encodeBatch({ rows: [Buffer.from('{}')], timestamps: [0] }));
    await journal.close();
    const at = { 'journal.directory': directory };
    const { config: read } = await readPlan(form, config({}), at);
    expect(read.warnings).toEqual([expect.stringContaining('events of "trains", which is not in the config')]);
    const dynamic = await readPlan(form, config({ useTopicAsDataSource: true }), at);
    expect(dynamic.config.warnings).toEqual([]);
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { startSandbox, type Sandbox } from '@tranquility-js/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../src/run.js';

describe('tranquility push of what is no plain JSON', () => {
  let sandbox: Sandbox;
  let directory: string;

  beforeEach(async () => {
    sandbox = await startSandbox();
    directory = await mkdtemp(join(tmpdir(), 'tranquility-push-'));
  });
  afterEach(async () => {
    await sandbox.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function push(format: object, input: string, ...options: string[]): Promise<{ code: number; told: string }> {
    const config = join(directory, 'config.json');
    const dataSchema = {
      dataSource: 'pushed',
      parser: {
        type: 'string',
        parseSpec: { timestampSpec: { column: 'time' }, dimensionsSpec: { dimensions: ['city', 'tag'] }, ...format },
      },
      metricsSpec: [{ type: 'longSum', name: 'n', fieldName: 'n' }],
      granularitySpec: { segmentGranularity: 'HOUR', queryGranularity: 'NONE' },
    };
    const properties = { 'druid.overlord.urls': sandbox.url };
    await writeFile(config, JSON.stringify({ dataSources: [{ spec: { dataSchema, tuningConfig: {} } }], properties }));
    const [out, err] = [new PassThrough(), new PassThrough()];
    const code = await run(['push', '--config', config, '--json', ...options], {
      terminal: { out, err },
      stdin: Readable.from([input], { objectMode: false }),
      onInterrupt: () => () => undefined,
    });
    return { code, told: String(err.read()) };
  }

  const now = new Date().toISOString();
  const rows = 'SELECT city, tag, n FROM pushed ORDER BY n';

  it.each([
    [
      'CSV',
      { format: 'csv', hasHeaderRow: true },
      `time,city,tag,n\n${now},"Bern, old",x,1\n${now},Basel,,2\nnever,Genf,y,3\n`,
    ],
    [
      'TSV',
      { format: 'tsv', columns: ['time', 'city', 'tag', 'n'] },
      `${now}\tBern, old\tx\t1\n${now}\tBasel\t\t2\nnever\tGenf\ty\t3\n`,
    ],
    [
      'a regular expression',
      { format: 'regex', pattern: '(\\S+) \\[([^\\]]*)\\] (\\w*) (\\d+)', columns: ['time', 'city', 'tag', 'n'] },
      `${now} [Bern, old] x 1\n${now} [Basel]  2\nnever\n`,
    ],
    [
      'JSON with a flattenSpec',
      { format: 'json', flattenSpec: { fields: [{ type: 'path', name: 'city', expr: '$.at.city' }] } },
      `{"time":"${now}","at":{"city":"Bern, old"},"tag":"x","n":1}\n{"time":"${now}","at":{"city":"Basel"},"n":2}\n{"time":1`,
    ],
  ])('sends the rows of %s, and tells those that are none with their lines', async (_, format, input) => {
    const { code, told } = await push(format, input);
    expect(told).toMatch(/stdin:[34]/);
    expect(code).toBe(0);
    expect(await sandbox.sql(rows)).toMatchObject([
      { city: 'Bern, old', tag: 'x', n: 1 },
      { city: 'Basel', n: 2 },
    ]);
  });

  it('does not take --format for anything but JSON', async () => {
    const { code, told } = await push({ format: 'csv', columns: ['time'] }, '', '--format', 'ndjson');
    expect(code).toBe(2);
    expect(told).toContain('the spec says how text is read (csv)');
  });
});

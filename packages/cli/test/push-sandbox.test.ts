import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { startSandbox, type Sandbox } from '@tranquility-js/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../src/run.js';

const events = 5_000;

describe('tranquility push into the sandbox', () => {
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

  it.each([
    ['json', 'none'],
    ['smile', 'none'],
    ['smile', 'gzip'],
  ])(
    'in %s, compression %s: two partitions with two replicas each, and no event counts twice',
    async (format, compression) => {
      const config = join(directory, 'config.json');
      const schema = {
        dataSource: 'pushed',
        parser: {
          type: 'string',
          parseSpec: { format: 'json', timestampSpec: { column: 'time' }, dimensionsSpec: { dimensions: ['d'] } },
        },
        metricsSpec: [
          { type: 'count', name: 'count' },
          { type: 'longSum', name: 'n', fieldName: 'n' },
        ],
        granularitySpec: { segmentGranularity: 'HOUR', queryGranularity: 'MINUTE' },
      };
      const properties = {
        'druid.overlord.urls': sandbox.url,
        'task.partitions': '2',
        'task.replicants': '2',
        'serialization.format': format,
        'druidBeam.compression': compression,
      };
      await writeFile(
        config,
        JSON.stringify({ dataSources: [{ spec: { dataSchema: schema, tuningConfig: {} } }], properties }),
      );
      const time = new Date().toISOString();
      const lines = Array.from({ length: events }, (_, n) => `${JSON.stringify({ time, d: `d${n % 50}`, n })}\n`);

      const out = new PassThrough();
      const code = await run(['push', '--config', config, '--json'], {
        terminal: { out, err: new PassThrough().resume() },
        stdin: Readable.from(lines, { objectMode: false }),
        onInterrupt: () => () => undefined,
      });

      expect(JSON.parse(String(out.read()))).toMatchObject({ read: events, sent: events, failed: 0, lost: 0 });
      expect(code).toBe(0);
      expect(sandbox.tasks.map(({ status }) => status)).toEqual(Array(4).fill('RUNNING'));
      const query = 'SELECT SUM("count") AS c, SUM(n) AS n, COUNT(DISTINCT d) AS d FROM pushed';
      expect(await sandbox.sql(query)).toEqual([{ c: events, n: (events * (events - 1)) / 2, d: 50 }]);
    },
  );
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '@tranquility-js/sandbox';
import { expect, it } from 'vitest';
import { createServer } from '../src/index.js';
import { post } from './support/ask.js';
import { click, config } from './support/clicks.js';

it('answers when events are published, where that is what acknowledged means', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'append-answer-'));
  try {
    await using sandbox = await startSandbox({ version: '33.0.0', kafkaExtension: false });
    sandbox.delayTaskStarts(300);
    const properties = {
      ...{ 'tranquility.lane': 'append', 'append.acknowledge': 'published', 'append.maxAge': 'PT0.1S' },
      ...{ 'journal.directory': join(directory, 'journal'), 'append.endpoint.port': 0 },
    };
    await using server = await createServer({ config: config(sandbox.url, properties) });
    const clicks = Array.from({ length: 50 }, (_, n) => click(`user ${n}`));
    const { status, text } = await post(`${server.urls[0]}/v1/post/clicks`, clicks);
    expect({ status, ...(JSON.parse(text) as object) }).toMatchObject({
      status: 200,
      result: { received: 50, sent: 50 },
    });
    expect(await sandbox.sql('SELECT COUNT(*) AS n FROM clicks')).toEqual([{ n: 50 }]);
  } finally {
    await rm(directory, { recursive: true, maxRetries: 20, retryDelay: 50 });
  }
});

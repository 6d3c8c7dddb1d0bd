import { startSandbox, type Sandbox } from '@tranquility-js/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, type Ran } from './support/command.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

describe('status --set-up-compaction', () => {
  let sandbox: Sandbox;
  let directory: TemporaryDirectory;

  beforeAll(async () => {
    sandbox = await startSandbox({ version: '28.0.0' });
    directory = await TemporaryDirectory.make();
  });
  afterAll(async () => {
    await sandbox.close();
    await directory[Symbol.asyncDispose]();
  });

  async function setUp(dataSource: string, properties: object): Promise<Ran> {
    const dataSchema = { dataSource, timestampSpec: {}, dimensionsSpec: {} };
    const dataSources = [{ spec: { dataSchema }, properties: { topicPattern: 'clicks', ...properties } }];
    const text = JSON.stringify({ dataSources, properties: { 'druid.overlord.urls': sandbox.url } });
    const file = await directory.file(`${dataSource}.json`, text);
    return runCommand('status', '-configFile', file, '--set-up-compaction');
  }
  const stored = async (dataSource: string): Promise<number> =>
    (await fetch(`${sandbox.url}/druid/coordinator/v1/config/compaction/${dataSource}`)).status;

  it('sets it up where a connector has late events appended', async () => {
    const { code, out, err } = await setUp('appended', { window: 'append' });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('  compaction by Druid: on\n');
    expect(await stored('appended')).toBe(200);
  });

  it('says where nothing is appended, and sets up nothing', async () => {
    const { code, err } = await setUp('pushed', { window: 'drop' });
    expect(code).toBe(0);
    expect(err).toContain(
      'warning: Compaction of pushed is not set up: its lane is realtime, and nothing is appended to it.',
    );
    expect(await stored('pushed')).toBe(404);
  });
});

import { Readable } from 'node:stream';
import { join } from 'node:path';
import { startSandbox, type Sandbox } from '@tranquility-js/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../src/run.js';
import { runCommand, twoDataSources } from './support/command.js';
import { Screen } from './support/screen.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

const time = new Date().toISOString();
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, n) => `${JSON.stringify({ time, origin: 'SFO', delay: from + n })}\n`).join('');

describe('tranquility push where Druid reads from us', () => {
  let sandbox: Sandbox;
  let temporary: TemporaryDirectory;
  let config: string;
  let journal: string;
  let err: Screen;
  let out: Screen;
  let interrupt = (): void => undefined;

  beforeEach(async () => {
    sandbox = await startSandbox({ version: '33.0.0' });
    temporary = await TemporaryDirectory.make();
    journal = join(temporary.path, 'journal');
    config = await temporary.file(
      'c.yaml',
      `${twoDataSources(sandbox.url)}  journal.directory: ${journal}
  pull.endpoint.port: 0
  pull.startDelay: PT0S
  pull.supervisorPeriod: PT0.2S
`,
    );
    [out, err] = [new Screen(), new Screen()];
  });
  afterEach(async () => {
    await sandbox.close();
    await temporary[Symbol.asyncDispose]();
  });

  const push = async (...args: string[]): Promise<number> =>
    run(['push', '-configFile', config, '-dataSource', 'flights', ...args], {
      terminal: { out, err },
      stdin: Readable.from([]),
      onInterrupt: (callback) => {
        interrupt = callback;
        return () => undefined;
      },
    });
  const found = (): Promise<unknown> => sandbox.sql('SELECT SUM("count") AS c, SUM(delay) AS d FROM flights');
  const status = async (): Promise<unknown> =>
    JSON.parse((await runCommand('status', '-configFile', config, '-dataSource', 'flights', '--json')).out);

  it('waits until Druid has published, says where events are kept, and leaves Druid without a reader', async () => {
    expect(await push('--json', await temporary.file('a.ndjson', lines(0, 500)))).toBe(0);
    expect(JSON.parse(out.text)).toMatchObject({ sent: 500, failed: 0, unread: 0, lane: 'pull', journal });
    expect(err.text).toBe(
      `flights: lane pull: Druid 33.0.0 has no realtime tasks, and reads from us. Events are kept in ${journal}.\n`,
    );
    expect(await found()).toEqual([{ c: 500, d: (500 * 499) / 2 }]);
    expect(await status()).toMatchObject({
      dataSources: [
        {
          lane: { lane: 'pull' },
          journal: { directory: journal, writer: null },
          supervisor: { owner: 'ours', suspendedBy: 'us', tasks: [], alarms: [] },
        },
      ],
      problems: [],
    });
  });

  it('is left on a second Ctrl-C, keeps what is unread, and a push of nothing serves it', async () => {
    await push(await temporary.file('a.ndjson', lines(0, 10)));
    await runCommand('suspend', '-configFile', config, '-dataSource', 'flights');
    [out, err] = [new Screen(), new Screen(true)];
    const running = push(await temporary.file('b.ndjson', lines(10, 30)));
    while (!err.text.includes('20 sent  waiting for Druid to read and publish them')) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    interrupt();
    interrupt();
    expect(await running).toBe(1);
    expect(err.text).toContain('what it has not read stays in the journal');
    expect(out.text).toContain('  unread   20  (sent, but Druid has not read them)\n');
    expect(out.text).toContain(`They are safe in the journal in ${journal}.`);
    expect(await found()).toEqual([{ c: 10, d: 45 }]);

    const resumed = await runCommand('resume', '-configFile', config, '-dataSource', 'flights');
    expect(resumed).toEqual({ code: 0, err: '', out: 'flights is resumed, and goes on where it was.\n' });
    expect(await push('/dev/null')).toBe(0);
    expect(await found()).toEqual([{ c: 30, d: (30 * 29) / 2 }]);
    expect(await status()).toMatchObject({ dataSources: [{ supervisor: { suspendedBy: 'us', tasks: [] } }] });
  });
});

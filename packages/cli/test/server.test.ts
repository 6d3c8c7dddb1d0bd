import { PassThrough, Readable } from 'node:stream';
import { startSandbox } from '@tranquility-js/sandbox';
import { describe, expect, it, vi } from 'vitest';
import { run } from '../src/run.js';
import { runCommand, twoDataSources } from './support/command.js';
import { Screen } from './support/screen.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

describe('tranquility server', () => {
  it('takes events until it is interrupted, and sends what it has', async () => {
    await using sandbox = await startSandbox();
    await using directory = await TemporaryDirectory.make();
    const file = await directory.file('server.yaml', `${twoDataSources(sandbox.url)}  http.port: 0\n`);
    const [out, err] = [new Screen(), new Screen()];
    let interrupt = (): void => undefined;
    const code = run(['server', '-configFile', file, '--set', 'task.replicants=1'], {
      terminal: { out, err },
      stdin: new PassThrough(),
      onInterrupt: (callback) => {
        interrupt = callback;
        return () => undefined;
      },
    });
    const url = await vi.waitFor(() => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(out.text)?.[0];
      expect(found).toBeDefined();
      return found;
    }, 30_000);
    const answer = await fetch(`${url}/v1/post/flights?async=true`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ time: new Date(), origin: 'SFO', destination: 'JFK', delay: 7 }),
    });
    expect(await answer.json()).toEqual({ result: { received: 1, sent: 0 } });
    interrupt();
    expect([await code, err.text]).toEqual([0, '']);
    expect(out.text).toContain('Stopped; nothing is left');
    expect(await sandbox.sql('SELECT origin, delay FROM flights')).toEqual([{ origin: 'SFO', delay: 7 }]);
  });

  it('makes hashes of passwords', async () => {
    const [out, err] = [new Screen(), new Screen()];
    const stdin = Readable.from([Buffer.from('open '), Buffer.from('sesame\nmore')]);
    const environment = { terminal: { out, err }, stdin, onInterrupt: () => () => undefined };
    expect(await run(['server', '--hash'], environment)).toBe(0);
    expect(out.text).toMatch(/^scrypt\$16384\$8\$1\$[\w+/]{22}==\$[\w+/]{43}=\n$/);
  });

  it.each([
    [[], 2, 'Name the config file'],
    [['-configFile', 'nowhere.json'], 78, 'Cannot read the config file nowhere.json'],
    [['-configFile', 'x', '--log-level', 'loud'], 2, '--log-level loud: expected one of silent, error'],
    [['--port', '1'], 2, "Unknown option '--port'"],
    [['--hash'], 2, 'expected a password'],
  ])('%j is refused', async (args, code, message) => {
    const ran = await runCommand('server', ...args);
    expect(ran).toMatchObject({ code, err: expect.stringContaining(message) as string });
  });
});

import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@tranquility-js/ports';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { twoDataSources } from './support/command.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

const packageDirectory = fileURLToPath(new URL('..', import.meta.url));

/** A command in a process of its own, with what it has written to where it can. */
class Running {
  readonly child: ChildProcess;
  err = '';

  constructor(args: readonly string[], stdio: StdioOptions) {
    const source = ['--conditions=@tranquility-js/source', '--import', 'tsx', 'src/main.ts'];
    this.child = spawn(process.execPath, [...source, ...args], { cwd: packageDirectory, stdio });
    this.child.stderr?.on('data', (chunk: Buffer) => (this.err += chunk.toString()));
  }

  async code(): Promise<number | null> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    return child.exitCode;
  }
}

describe('an output that cannot be written', () => {
  let directory: TemporaryDirectory;
  let running: Running | undefined;
  beforeEach(async () => {
    directory = await TemporaryDirectory.make();
  });
  afterEach(async () => {
    running?.child.kill('SIGKILL');
    await running?.code();
    await directory[Symbol.asyncDispose]();
  });

  const config = (more = ''): Promise<string> =>
    directory.file('server.yaml', `${twoDataSources('http://127.0.0.1:9')}${more}`);

  /** Runs a command whose standard output is a disk that is full, or a pipe that nobody reads. */
  async function start(output: 'full disk' | 'closed pipe', ...args: string[]): Promise<Running> {
    if (output === 'closed pipe') {
      const started = new Running(args, ['ignore', 'pipe', 'pipe']);
      started.child.stdout?.destroy();
      return started;
    }
    const full = await open('/dev/full', 'w');
    try {
      return new Running(args, ['ignore', full.fd, 'pipe']);
    } finally {
      await full.close();
    }
  }

  it.each([
    ['full disk', /^tranquility server: Cannot write to standard output: .*ENOSPC.* It goes on without\.\n$/],
    ['closed pipe', /^tranquility server: Cannot write to standard output: .*EPIPE.* It goes on without\.\n$/],
  ] as const)('costs the server its log alone: %s', async (output, told) => {
    const port = await freePort();
    running = await start(output, 'server', '-configFile', await config(`  http.port: ${port}\n`));
    await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200), 50_000);
    running.child.kill('SIGTERM');
    expect(await running.code()).toBe(0);
    expect(running.err).toMatch(told);
  });

  it('is told by a command that has results to write', async () => {
    running = await start('full disk', 'validate', '-configFile', await config());
    expect(await running.code()).toBe(1);
    expect(running.err).toMatch(/^tranquility validate: Cannot write to standard output: .*ENOSPC.*\.\n$/);
  });

  it('is no news to whoever reads no more', async () => {
    running = await start('closed pipe', 'validate', '-configFile', await config());
    expect([await running.code(), running.err]).toEqual([141, '']);
  });

  it('keeps no command from its work where it is for messages', async () => {
    running = new Running(['nonsense'], ['ignore', 'ignore', 'pipe']);
    running.child.stderr?.destroy();
    expect(await running.code()).toBe(2);
  });
});

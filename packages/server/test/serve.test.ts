import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serve } from '../src/serve.js';
import { config } from './support/clicks.js';

let directory: string;
let file: string;
let log: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'serve-'));
  file = join(directory, 'server.json');
  log = '';
  write(['clicks']);
  utimesSync(file, 1, 1);
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (names: readonly string[]): void =>
  writeFileSync(file, JSON.stringify(config('http://127.0.0.1:9', {}, names)));

/** Serves until the log has something. */
async function serveUntil(logged: string, whileStarting: () => void, listening: () => void): Promise<void> {
  let interrupt = (): void => undefined;
  const ended = serve({
    config: file,
    log: { write: (line) => void (log += line) },
    onInterrupt: (called) => {
      interrupt = called;
      return () => undefined;
    },
    listening,
  });
  whileStarting();
  await expect.poll(() => log).toContain(logged);
  interrupt();
  expect(await ended).toEqual({ drained: true, left: [] });
}

const nothing = (): void => undefined;

describe('a server that starts', () => {
  it('reads its config again when it has started, if it was told to before', async () => {
    await serveUntil('The config was read again; no dataSource has changed', () => process.emit('SIGHUP'), nothing);
    expect(log.indexOf('Listens on')).toBeLessThan(log.indexOf('The config was read again'));
  });

  it('sees that its config has changed since it was read', async () => {
    await serveUntil('The config was read again; changed: web', nothing, () => write(['clicks', 'web']));
  });
});

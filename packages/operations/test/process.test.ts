import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@tranquility-js/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLogger, onReload, runUntilStopped } from '../src/index.js';

const done = { drained: true, left: [] };

/** Somebody who can interrupt, and sees whether anyone listens. */
function user() {
  const listeners = new Set<() => void>();
  return {
    listeners,
    interrupt: () => {
      for (const listener of listeners) listener();
    },
    onInterrupt: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

describe('runUntilStopped', () => {
  it('stops when it is told to, and waits', async () => {
    const { interrupt, onInterrupt, listeners } = user();
    const ended = runUntilStopped({ onInterrupt, stop: () => Promise.resolve(done) });
    interrupt();
    expect(await ended).toBe(done);
    expect(listeners.size).toBe(0);
  });

  it('does not wait when it is told twice', async () => {
    const { interrupt, onInterrupt } = user();
    const ended = runUntilStopped({
      onInterrupt,
      stop: (now) =>
        new Promise((resolve) => {
          now.addEventListener('abort', () => resolve({ drained: false, left: ['2 events'] }), { once: true });
          setImmediate(interrupt);
        }),
    });
    interrupt();
    expect(await ended).toEqual({ drained: false, left: ['2 events'] });
  });

  it('stops what cannot go on, and tells why', async () => {
    const { onInterrupt, listeners } = user();
    let stops = 0;
    const stop = () => {
      stops++;
      return Promise.resolve(done);
    };
    const ended = runUntilStopped({ onInterrupt, stop, broken: Promise.reject(new Error('The disk is full')) });
    await expect(ended).rejects.toThrow('The disk is full');
    expect([stops, listeners.size]).toEqual([1, 0]);
  });
});

describe('onReload', () => {
  const directories: string[] = [];
  afterEach(async () => {
    for (const directory of directories.splice(0)) await rm(directory, { recursive: true });
  });

  async function watched(reload: () => Promise<void>, logger = silentLogger) {
    const directory = await mkdtemp(join(tmpdir(), 'reload-'));
    directories.push(directory);
    const file = join(directory, 'server.json');
    await writeFile(file, '{}');
    return { file, end: onReload(reload, { file, intervalMillis: 20, logger }) };
  }

  it('is called on SIGHUP and for a changed file', async () => {
    let calls = 0;
    const { file, end } = await watched(() => {
      calls++;
      return Promise.resolve();
    });
    process.emit('SIGHUP');
    await vi.waitFor(() => expect(calls).toBe(1), 30_000);
    await vi.waitFor(
      async () => {
        await writeFile(file, '{"properties": {}}');
        expect(calls).toBeGreaterThan(1);
      },
      { timeout: 30_000, interval: 50 },
    );
    end();
    const before = calls;
    process.emit('SIGHUP');
    expect(calls).toBe(before);
  });

  it('logs what goes wrong', async () => {
    const errors: string[] = [];
    const { end } = await watched(() => Promise.reject(new Error('line 3 is wrong')), {
      ...silentLogger,
      error: (message) => void errors.push(message),
    });
    process.emit('SIGHUP');
    await vi.waitFor(() => expect(errors).toHaveLength(1), 30_000);
    expect(errors[0]).toContain('what ran goes on as it was. line 3 is wrong');
    end();
  });
});

describe('createLogger', () => {
  it('writes lines of JSON, from its level on', () => {
    const lines: string[] = [];
    const logger = createLogger({ level: 'warn', destination: { write: (line) => void lines.push(line) } });
    logger.info('nothing');
    logger.warn('slow', { task: 'a' });
    logger.error('broken', { error: new Error('why') });
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { level: 'warn', msg: 'slow', task: 'a' },
      { level: 'error', msg: 'broken', error: { message: 'why' } },
    ]);
  });
});

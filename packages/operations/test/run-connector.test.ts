import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import type { CounterSnapshot } from '@tranquility-js/core';
import { freePort } from '@tranquility-js/ports';
import { expect, it } from 'vitest';
import { runConnector, type RunnableConnector } from '../src/index.js';

const counted: CounterSnapshot = {
  ...{ received: 3, sent: 2, dropped: { late: 1 }, failed: 0, lost: 0, batches: 1, bytes: 90, retries: 0 },
  ...{ tasksCreated: 0, tasksAdopted: 0 },
};

/** A connector that has done its work. */
class Done extends EventEmitter implements RunnableConnector {
  readonly counters = { dataSources: { clicks: counted, views: counted } };
  readonly lanes = new Map([['clicks', 'pull']]);
  reasons: string[] = [];
  closedWith: number[] = [];

  start(): Promise<void> {
    return Promise.resolve();
  }

  close({ timeout }: { readonly timeout: number }): Promise<{ drained: boolean }> {
    this.closedWith.push(timeout);
    return Promise.resolve({ drained: true });
  }
}

const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

it('serves what a connector tells while it runs, and ends when it is told to', async () => {
  const connector = new Done();
  const port = await freePort();
  let interrupt = (): void => undefined;
  const ended = runConnector(
    {
      config: 'unused',
      http: { host: '127.0.0.1', port },
      drainTimeout: 1_234,
      log: nowhere(),
      onInterrupt: (listener) => {
        interrupt = listener;
        return () => undefined;
      },
    },
    () => Promise.resolve({ connector, metrics: () => [], left: () => [] }),
  );
  const ask = async (path: string): Promise<[status: number, text: string]> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return [response.status, await response.text()];
  };
  await expect.poll(() => ask('/health').catch(() => [])).toContain(200);
  const [, metrics] = await ask('/metrics');
  expect(metrics).toContain('tranquility_events_sent_total{dataSource="clicks",lane="pull"} 2\n');
  expect(metrics).toContain('tranquility_events_dropped_total{dataSource="views",lane="unknown",reason="late"} 1\n');
  expect(JSON.parse((await ask('/v1/status'))[1])).toMatchObject({ dataSources: { clicks: { sent: 2 } } });
  expect((await ask('/ready'))[0]).toBe(200);
  connector.reasons = ['No broker answers.'];
  expect(await ask('/ready')).toEqual([503, expect.stringContaining('No broker answers.')]);
  interrupt();
  expect(await ended).toEqual({ drained: true, left: [] });
  expect(connector.closedWith).toEqual([1_234, 0]);
  await expect(ask('/health')).rejects.toThrow();
});

it('tells a connector that is closing when somebody does not want to wait', async () => {
  /** It settles until nobody waits any more. */
  class Settling extends Done {
    override async close({
      signal,
    }: {
      readonly timeout: number;
      readonly signal?: AbortSignal;
    }): Promise<{ drained: boolean }> {
      if (signal?.aborted === false)
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve);
        });
      return { drained: false };
    }
  }
  const connector = new Settling();
  let interrupt = (): void => undefined;
  const onInterrupt = (listener: () => void) => {
    interrupt = listener;
    return () => undefined;
  };
  const left = ['One record.'];
  const ended = runConnector({ config: 'unused', log: nowhere(), onInterrupt }, () =>
    Promise.resolve({ connector, metrics: () => [], left: () => left }),
  );
  await new Promise(setImmediate);
  interrupt();
  await new Promise(setImmediate);
  interrupt();
  expect(await ended).toEqual({ drained: false, left });
});

it('ends with what the connector cannot go on for', async () => {
  const connector = new Done();
  const running = runConnector({ config: 'unused', log: nowhere(), onInterrupt: () => () => undefined }, () =>
    Promise.resolve({ connector, metrics: () => [], left: () => [] }),
  );
  await new Promise(setImmediate);
  connector.emit('fatal', new Error('The journal is broken.'));
  await expect(running).rejects.toThrow('The journal is broken.');
  expect(connector.closedWith.at(-1)).toBe(0);
});

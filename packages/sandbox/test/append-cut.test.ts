import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSender, type Sender } from '@tranquility-js/core';
import { configOf, eventsAt } from '@tranquility-js/conformance';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSandbox, type Sandbox } from '../src/index.js';

describe('a batch is full', () => {
  let sandbox: Sandbox;
  let directory: string;

  beforeEach(async () => {
    sandbox = await startSandbox({ version: '33.0.0', kafkaExtension: false });
    directory = await mkdtemp(join(tmpdir(), 'tranquility-cut-'));
  });
  afterEach(async () => {
    await sandbox.close();
    await rm(directory, { recursive: true, maxRetries: 20, retryDelay: 50 });
  });

  const sender = (properties: Record<string, string>): Promise<Sender> =>
    createSender({
      config: configOf({
        overlord: sandbox.url,
        dataSource: 'clicks',
        properties: {
          ...{ 'tranquility.lane': 'append', 'append.endpoint.port': '0', 'journal.directory': directory },
          ...properties,
        },
      }),
    });
  const sendTen = async (sink: Sender): Promise<void> => {
    for (let k = 0; k < 10; k++) await sink.sendAll(eventsAt(Date.now(), 100, k * 100));
  };

  it('with what stands in a task where Druid cannot reach us', async () => {
    const leader = { kind: 'status', status: 200, body: 'http://overlord.example:8090' } as const;
    sandbox.faults.add({ server: 'druid', path: /indexer\/v1\/leader$/, times: 1_000, action: leader });
    // That it cannot is known with the first batch, which is full by its rows.
    const sink = await sender({ 'append.maxAge': 'PT1H', 'append.maxRows': '1000', 'append.inlineBytes': '5000' });
    await sendTen(sink);
    await expect.poll(() => sink.lane?.append?.unpublished).toBeLessThan(200);
    await sink.close({ timeout: 0 });
  });

  it('with what an earlier process has left', async () => {
    const limits = { 'append.maxAge': 'PT1H', 'append.maxBytes': '5000' };
    const busy = { kind: 'status', status: 400, body: '{"error":"not now"}' } as const;
    const path = /indexer\/v1\/workers$/;
    const fault = sandbox.faults.add({ server: 'druid', path, times: 1_000, action: busy });
    const first = await sender(limits);
    await sendTen(first);
    await first.close({ timeout: 0, until: 'accepted' });
    expect(sandbox.tasks).toEqual([]);
    sandbox.faults.remove(fault);
    const second = await sender(limits);
    await expect.poll(() => second.lane?.append?.unpublished).toBeLessThan(200);
    await second.close({ timeout: 0 });
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScriptedDruid } from '@tranquility-js/scripted-druid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSender, type Sender } from '../../src/index.js';
import { flights } from '../support/configs.js';

const event = { time: '2026-03-05T10:00:00Z', origin: 'AMS' };

describe('a Druid that is too old to append', () => {
  let druid: ScriptedDruid;
  let directory: string;

  beforeEach(async () => {
    druid = await ScriptedDruid.start();
    druid.version = '24.0.0';
    directory = await mkdtemp(join(tmpdir(), 'tranquility-floor-'));
  });
  afterEach(async () => {
    await druid[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  const sender = (properties: Record<string, string>): Promise<Sender> =>
    createSender({
      config: flights({
        ...{ 'druid.overlord.urls': druid.url, 'journal.directory': directory, 'journal.minFreeBytes': 0 },
        ...{ 'append.endpoint.port': 0, ...properties },
      }),
    });

  it('is refused on the lane append', async () => {
    await expect(sender({ 'tranquility.lane': 'append' })).rejects.toMatchObject({
      code: 'TRQ_DRUID_UNSUPPORTED',
      message: 'Druid 24.0.0 is too old for the lane append: it needs 25 or later. Set tranquility.lane to realtime.',
    });
  });

  it('is refused where late events are to be appended', async () => {
    const late = { 'tranquility.lateEvents': 'append' };
    const message =
      'Druid 24.0.0 is too old for tranquility.lateEvents = append: it needs 25 or later. Set it to drop or dead-letter.';
    const refusal = { code: 'TRQ_DRUID_UNSUPPORTED', message };
    await using sink = await sender(late);
    expect(await sink.send(event)).toMatchObject({ status: 'failed', error: refusal });
    await expect(sink.connect()).rejects.toMatchObject(refusal);
    await expect(sender({ ...late, 'tranquility.lane': 'realtime' })).rejects.toMatchObject(refusal);
  });

  it('takes nothing away while it does not answer', async () => {
    druid.script = () => ({ status: 503, body: 'not now' });
    const sink = await sender({ 'tranquility.lane': 'append' });
    expect(await sink.send(event)).toEqual({ status: 'sent' });
    await sink.close({ timeout: 0, until: 'accepted' });
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { ScriptedDruid } from '@tranquility-js/scripted-druid';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readConfig } from '../../src/config/config.js';
import { createSender, type Sender } from '../../src/index.js';
import { pathOf, read } from '../support/certificates.js';
import { flights } from '../support/configs.js';

const tls = (name: string): Record<string, string> => ({
  'append.endpoint.tls.enable': 'true',
  'append.endpoint.tls.certPath': pathOf(`${name}.pem`),
  'append.endpoint.tls.keyPath': pathOf(`${name}.key`),
});
const event = { time: Date.parse('2026-03-05T10:20:00Z'), origin: 'SFO', destination: 'JFK', delay: 1 };

let druid: ScriptedDruid;
let directory: string;
let sender: Sender | undefined;

beforeEach(async () => {
  druid = await ScriptedDruid.start();
  druid.version = '33.0.0';
  directory = await mkdtemp(join(tmpdir(), 'tranquility-append-tls-'));
});
afterEach(async () => {
  await sender?.close({ timeout: 0, until: 'accepted' });
  sender = undefined;
  await druid[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

/** Sends an event, and says where the task is to read it. */
async function served(properties: Record<string, string>): Promise<string> {
  const config = flights({
    'druid.overlord.urls': druid.url,
    'tranquility.lane': 'append',
    'journal.directory': directory,
    'append.endpoint.port': '0',
    'append.inlineBytes': '1',
    'append.maxAge': 'PT0S',
    ...properties,
  });
  sender = await createSender({ config });
  await sender.send(event);
  await vi.waitFor(() => expect(druid.tasks.size).toBe(1), 20_000);
  const [task] = druid.tasks.values();
  return /https:[^"]+/.exec(JSON.stringify(task?.payload))?.[0] ?? '';
}

function get(url: string, options: Parameters<typeof request>[1] = {}): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const ca = read('authority.pem');
    request(url, { ca, agent: false, ...options }, (response) => {
      buffer(response).then(resolve, reject);
    })
      .on('error', reject)
      .end();
  });
}

it('large batches are served by TLS, to those who believe the certificate', async () => {
  const url = await served(tls('server'));
  expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/append\//);
  expect(JSON.parse(gunzipSync(await get(url)).toString())).toMatchObject({ origin: 'SFO' });
  await expect(get(url, { ca: read('stranger.pem') })).rejects.toThrow(/certificate/);
});

it('readers show a certificate, where one is asked for', async () => {
  const url = await served({ ...tls('server'), 'append.endpoint.tls.caPath': pathOf('authority.pem') });
  await expect(get(url)).rejects.toThrow();
  const identity = { cert: read('client.pem'), key: read('client.key') };
  expect(JSON.parse(gunzipSync(await get(url, identity)).toString())).toMatchObject({ origin: 'SFO' });
});

it.each([
  [{ 'append.endpoint.tls.enable': 'true' }, 'is true, but a server needs a certificate.'],
  [{ 'append.endpoint.tls.caPath': '/ca.pem' }, 'is of no use while append.endpoint.tls.enable is false.'],
  [{ 'append.endpoint.tls.certPath': '/a.pem' }, 'needs append.endpoint.tls.keyPath beside it'],
])('%j is refused', (properties, message) => {
  expect(() => readConfig(flights({ 'druid.overlord.urls': 'http://o:1', ...properties }))).toThrow(message);
});

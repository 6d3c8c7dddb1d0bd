import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createServer } from '../src/index.js';
import { click, config, running } from './support/clicks.js';

const lines = (count: number): string =>
  Array.from({ length: count }, (_, n) => `${JSON.stringify(click(`user ${n}`))}\n`).join('');

/** Many events can be read, and then there is what is no gzip. */
const broken = Buffer.concat([gzipSync(lines(1000)), Buffer.from('junk')]);

async function answerTo(
  url: string | undefined,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<{ readonly status: number; readonly first: readonly string[]; readonly isReplayed: boolean }> {
  const response = await fetch(`${url}/v1/post/clicks`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', ...headers },
    body,
  });
  const first = (await response.text()).split('\n').slice(0, 3);
  return { status: response.status, first, isReplayed: response.headers.has('idempotent-replayed') };
}

const gzip = { 'content-encoding': 'gzip' };

describe('a body that is given up part way', () => {
  it('is answered when the events before have their outcomes', async () => {
    await using it = await running({ 'http.maxInflatedBytes': 100_000 });
    let arrived = 0;
    for (const [body, headers, status] of [[broken, gzip, 400] as const, [lines(5000), {}, 413] as const]) {
      const answer = await answerTo(it.url, body, headers);
      expect(answer.status).toBe(status);
      const [, received, sent] = /^received (\d+), sent (\d+)$/.exec(answer.first[2] ?? '') ?? [];
      expect(Number(received)).toBeGreaterThan(0);
      expect(sent).toBe(received);
      arrived += Number(sent);
    }
    expect(await it.users('clicks')).toHaveLength(arrived);
  });

  it('is answered as Druid does where that does not take the events, and the answer is not kept', async () => {
    await using server = await createServer({
      config: config('http://127.0.0.1:9', { 'http.answerTimeout': 'PT0.1S', 'http.stopTimeout': 'PT0.1S' }),
    });
    const headers = { ...gzip, 'idempotency-key': 'one' };
    for (let time = 0; time < 2; time++) {
      expect(await answerTo(server.urls[0], broken, headers)).toMatchObject({
        status: 503,
        first: [
          'Druid does not take events fast enough now',
          expect.any(String),
          expect.stringMatching(/under way \d+$/),
        ],
        isReplayed: false,
      });
    }
  });

  it('is not waited for with async, as a whole one is not', async () => {
    await using server = await createServer({
      config: config('http://127.0.0.1:9', { 'http.stopTimeout': 'PT0.1S', 'tranquility.lane': 'realtime' }),
    });
    const response = await fetch(`${server.urls[0]}/v1/post/clicks?async=1`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', ...gzip },
      body: broken,
    });
    expect(response.status).toBe(400);
  });
});

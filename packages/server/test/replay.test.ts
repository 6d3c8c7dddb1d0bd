import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { fastify, type FastifyRequest } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tranquility } from '../src/index.js';
import { post } from './support/ask.js';
import { click, config, running, type Running } from './support/clicks.js';

let it1: Running;
beforeAll(async () => {
  it1 = await running({ 'http.maxBodyBytes': 1_000_000 });
});
afterAll(() => it1[Symbol.asyncDispose]());

/** Begins a POST with a key, and leaves its body open. */
function begun(key: string): { readonly outgoing: ClientRequest; readonly answered: Promise<IncomingMessage> } {
  const outgoing = request(`${it1.url}/v1/post/clicks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve).once('error', reject);
  });
  return { outgoing, answered };
}

describe('with the plugin, a key', () => {
  it('replays nothing to who may not post the same', async () => {
    const app = fastify();
    const mayPost = ({ headers }: FastifyRequest): boolean => headers['x-user'] === 'a';
    await app.register(tranquility, { config: config(it1.sandbox.url), mayPost });
    const statusFor = async (user: string, url: string): Promise<unknown> => {
      const headers = { 'x-user': user, 'idempotency-key': 'plugin' };
      const payload = click(user, { dataSource: 'clicks' });
      const answer = await app.inject({ method: 'POST', url, headers, payload });
      return [answer.statusCode, answer.headers['idempotent-replayed']];
    };
    for (const url of ['/v1/post/clicks', '/v1/post']) {
      expect(await statusFor('a', url)).toEqual([200, undefined]);
      expect(await statusFor('b', url)).toEqual([403, undefined]);
      expect(await statusFor('a', url)).toEqual([200, 'true']);
    }
    await app.close();
  });

  it('is the client’s own', async () => {
    const app = fastify();
    const clientOf = ({ headers }: FastifyRequest): string => String(headers['x-user']);
    await app.register(tranquility, { config: config(it1.sandbox.url), clientOf });
    const replayedFor = async (user: string): Promise<unknown> => {
      const headers = { 'x-user': user, 'idempotency-key': 'own' };
      const answer = await app.inject({ method: 'POST', url: '/v1/post/clicks', headers, payload: click(user) });
      return answer.headers['idempotent-replayed'];
    };
    expect([await replayedFor('a'), await replayedFor('b'), await replayedFor('a')]).toEqual([
      undefined,
      undefined,
      'true',
    ]);
    await app.close();
  });
});

describe('a POST that is repeated', () => {
  it('is answered when its body has ended', async () => {
    const first = await post(`${it1.url}/v1/post/clicks`, click('a'), { 'idempotency-key': 'whole' });
    const { outgoing, answered } = begun('whole');
    let isAnswered = false;
    void answered.then(() => (isAnswered = true));
    outgoing.write('{');
    for (let n = 0; n < 20; n++) {
      await post(`${it1.url}/v1/post/clicks`, click('a'), { 'idempotency-key': 'whole' });
      outgoing.write(' '.repeat(1000));
    }
    expect(isAnswered).toBe(false);
    outgoing.end('}');
    const answer = await answered;
    expect([answer.statusCode, answer.headers['idempotent-replayed'], await text(answer)]).toEqual([
      200,
      'true',
      first.text,
    ]);
    expect(answer.headers.connection).toBe('keep-alive');
  });

  it('is answered also when its body is too long', async () => {
    await post(`${it1.url}/v1/post/clicks`, click('a'), { 'idempotency-key': 'long' });
    const { outgoing, answered } = begun('long');
    outgoing.write(' '.repeat(1_000_001));
    const answer = await answered;
    expect([answer.statusCode, answer.headers['idempotent-replayed']]).toEqual([200, 'true']);
    outgoing.destroy();
  });

  it('counts as left when its client leaves', async () => {
    await post(`${it1.url}/v1/post/clicks`, click('a'), { 'idempotency-key': 'gone' });
    const { outgoing, answered } = begun('gone');
    answered.catch(() => undefined);
    outgoing.write('{', () => outgoing.destroy());
    await expect
      .poll(async () => (await fetch(`${it1.url}/metrics`)).text())
      .toContain('tranquility_http_requests_total{status="aborted"} 1\n');
  });
});

import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { post } from './support/ask.js';
import { click, running, type Running } from './support/clicks.js';

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

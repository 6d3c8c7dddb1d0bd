import { once } from 'node:events';
import { connect } from 'node:http2';
import { Agent, request, type RequestOptions } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { createServer } from '../src/index.js';
import { click, config, running } from './support/clicks.js';
import { pathOf, read } from './support/ask.js';

const https = { 'http.port.enable': false, 'https.port.enable': true, 'https.port': 0 };
const pem = { ...https, 'https.certPath': pathOf('server.pem'), 'https.keyPath': pathOf('server.key') };

function post(url: string, options: RequestOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `${url}/v1/post/clicks`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        ca: read('authority.pem'),
        agent: false,
        ...options,
      },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve(`${response.statusCode} ${text}`));
      },
    );
    asked.on('error', reject);
    asked.end(JSON.stringify(click('tls')));
  });
}

/** As `post`, by HTTP/2. */
async function postByHttp2(
  url: string,
  options: { headers?: object; cert?: Buffer; key?: Buffer } = {},
): Promise<string> {
  const { headers, ...tls } = options;
  const session = connect(url, { ca: read('authority.pem'), ...tls });
  const stream = session.request({
    ...{ ':method': 'POST', ':path': '/v1/post/clicks', 'content-type': 'application/json' },
    ...headers,
  });
  stream.end(JSON.stringify(click('h2')));
  const [{ ':status': status }] = (await once(stream, 'response')) as [Record<string, unknown>];
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  session.close();
  return `${String(status)} ${text}`;
}

const ok = '200 {"result":{"received":1,"sent":1}}';

describe('HTTPS', () => {
  it('with files of PEM', async () => {
    await using it = await running(pem);
    expect(it.url).toMatch(/^https:/);
    expect(await post(it.url)).toBe(ok);
    await expect(post(it.url, { ca: read('stranger.pem') })).rejects.toThrow();
  });

  it('with a key store, and from TLS 1.3 on', async () => {
    const store = { 'https.keyStorePath': pathOf('client.p12'), 'https.keyStorePassword': 'of-no-worth' };
    await using it = await running({ ...https, ...store, 'https.protocol': 'TLSv1.3' });
    // What is in the store is a client's certificate, which clients do not take from servers.
    const options = { rejectUnauthorized: false };
    expect(await post(it.url, options)).toBe(ok);
    await expect(post(it.url, { ...options, maxVersion: 'TLSv1.2' })).rejects.toThrow();
  });

  it('with certificates of clients', async () => {
    await using it = await running({ ...pem, 'https.clientAuth': 'required', 'https.caPath': pathOf('authority.pem') });
    expect(await post(it.url, { cert: read('client.pem'), key: read('client.key') })).toBe(ok);
    await expect(post(it.url)).rejects.toThrow();
    await expect(post(it.url, { cert: read('stranger.pem'), key: read('stranger.key') })).rejects.toThrow();
  });

  it.each([
    ['HTTP/1.1', post],
    ['HTTP/2', postByHttp2],
  ])('knows keys of repeated POSTs by certificate, by %s', async (_, post) => {
    const properties = { 'https.clientAuth': 'required', 'https.caPath': pathOf('authority.pem'), 'https.http2': true };
    await using it = await running({ ...pem, ...properties });
    const headers = { 'content-type': 'application/json', 'idempotency-key': '1' };
    for (const name of ['client', 'server', 'client']) {
      expect(await post(it.url, { headers, cert: read(`${name}.pem`), key: read(`${name}.key`) })).toBe(ok);
    }
    expect(await it.users('clicks')).toHaveLength(2);
  });

  it('and HTTP/2, beside HTTP/1.1', async () => {
    await using it = await running({ ...pem, 'https.http2': true });
    expect(await post(it.url)).toBe(ok);
    const session = connect(it.url, { ca: read('authority.pem') });
    const stream = session.request({
      ':method': 'POST',
      ':path': '/v1/post/clicks',
      'content-type': 'application/json',
    });
    stream.end(JSON.stringify([click('h2'), click('h2')]));
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    expect(text).toBe('{"result":{"received":2,"sent":2}}');
    session.close();
  });

  it('and HTTP/2 takes posts of its own site, and of no other', async () => {
    await using it = await running({ ...pem, 'https.http2': true });
    expect(await postByHttp2(it.url, { headers: { origin: it.url } })).toBe(ok);
    const others = [
      { origin: 'https://elsewhere.example' },
      { origin: 'https://e.example', 'x-forwarded-host': 'e.example' },
    ];
    for (const headers of others) expect(await postByHttp2(it.url, { headers })).toMatch(/^403 /);
  });

  it('cuts off who is slow with headers of HTTP/1.1 beside HTTP/2, and bounds streams', async () => {
    await using it = await running({ ...pem, 'https.http2': true, 'http.headersTimeout': 'PT0.2S' });
    const session = connect(it.url, { ca: read('authority.pem') });
    await once(session, 'remoteSettings');
    expect(session.remoteSettings.maxConcurrentStreams).toBe(100);
    session.close();
    const { port } = new URL(it.url);
    const slow = connectTls({
      port: Number(port),
      host: '127.0.0.1',
      ca: read('authority.pem'),
      ALPNProtocols: ['http/1.1'],
    });
    slow.write('POST /v1/post/clicks HTTP/1.1\r\nX-');
    const [answer] = (await once(slow, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 408/);
    slow.destroy();
  });

  it('knows the same as HTTP beside it', async () => {
    await using it = await running({ ...pem, 'http.port.enable': true });
    const [plain = '', secure = ''] = it.server.urls;
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'both' };
    expect(await post(secure, { headers })).toBe(ok);
    const body = JSON.stringify(click('tls'));
    const again = await fetch(`${plain}/v1/post/clicks`, { method: 'POST', headers, body });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const metrics = await (await fetch(`${plain}/metrics`)).text();
    expect(metrics).toContain('tranquility_http_requests_total{status="200"} 2\n');
  });

  it('does not hold up a stop by connections that say nothing', async () => {
    await using it = await running({ ...pem, 'https.http2': true, 'http.stopTimeout': 'PT1S' });
    const { port } = new URL(it.url);
    const silent = connectTcp(Number(port), '127.0.0.1');
    const agent = new Agent({ keepAlive: true });
    expect(await post(it.url, { agent })).toBe(ok);
    const closed = once(silent, 'close');
    expect(await it.server.stop()).toEqual({ drained: true, left: [] });
    await closed;
    agent.destroy();
  });

  it.each([
    [{ ...https }, 'there is no certificate'],
    [{ ...pem, 'https.keyPath': pathOf('client.key') }, 'does not belong to the first certificate'],
    [{ ...pem, 'https.clientAuth': 'required' }, 'nobody vouches for clients'],
    [{ ...pem, 'https.ciphers': 'NO-SUCH' }, 'https.ciphers'],
    [{ 'http.port.enable': false }, 'Neither http.port.enable nor https.port.enable is true'],
    [
      { 'https.includeProtocols': ['TLSv1.2'] },
      'is ["TLSv1.2"]. Set the oldest version that is wanted as https.protocol',
    ],
    [{ 'https.excludeCipherSuites': ['.*RC4.*'] }, 'in https.ciphers. Remove this.'],
    [{ 'https.keyStoreType': 'JKS' }, 'keytool -importkeystore'],
    [{ 'http.port': 'x' }, 'http.port"] is "x", not a whole number of at least 0'],
  ])('%j is refused', async (properties, problem) => {
    await expect(createServer({ config: config('http://127.0.0.1:1', properties) })).rejects.toMatchObject({
      code: 'TRQ_CONFIG_INVALID',
      message: expect.stringContaining(problem) as string,
    });
  });
});

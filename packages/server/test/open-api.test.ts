import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSmile } from '@tranquility-js/core/internal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PasswordHash } from '../src/index.js';
import { openApi } from '../src/open-api.js';
import { click, running, type Running } from './support/clicks.js';

interface Schema {
  readonly type?: string;
  readonly const?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
}

interface Operation {
  readonly requestBody?: { readonly content: object };
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> }>
  >;
}

const paths = openApi.paths as Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** What a value has that its schema does not say, or the other way round. */
function faultsOf(value: unknown, schema: Schema, at = ''): string[] {
  if (schema.const !== undefined) return value === schema.const ? [] : [`${at} is not ${schema.const}`];
  if (schema.type === 'integer') return Number.isInteger(value) ? [] : [`${at} is no integer`];
  if (schema.type === 'string') return typeof value === 'string' ? [] : [`${at} is no string`];
  if (schema.type === 'array') {
    if (!Array.isArray(value)) return [`${at} is no array`];
    return value.flatMap((one, index) => faultsOf(one, schema.items ?? {}, `${at}[${index}]`));
  }
  if (schema.type !== 'object') return [];
  if (typeof value !== 'object' || value === null) return [`${at} is no object`];
  const missing = (schema.required ?? []).filter((name) => !(name in value)).map((name) => `${at}.${name} is missing`);
  const wrong = Object.entries(value).flatMap(([name, one]) => {
    const known = schema.properties?.[name] ?? schema.additionalProperties;
    return known === undefined ? [`${at}.${name} is not documented`] : faultsOf(one, known, `${at}.${name}`);
  });
  return [...missing, ...wrong];
}

/** Checks that an answer is one of those that the document has. @returns its status, and what it is of. */
async function documented(path: string, method: 'get' | 'post', response: Response): Promise<[number, string]> {
  const type = response.headers.get('content-type')?.split(';')[0] ?? '';
  const { content } = paths[path]?.[method]?.responses[String(response.status)] ?? { content: {} };
  expect([path, response.status, Object.keys(content)]).toEqual([
    path,
    response.status,
    expect.arrayContaining([type]),
  ]);
  const text = await response.text();
  if (type === 'application/json') expect(faultsOf(JSON.parse(text), content[type]?.schema ?? {})).toEqual([]);
  return [response.status, type];
}

const json = 'application/json';
const old = { time: '2001-01-01', user: 'old' };

describe('the document', () => {
  let directory: string;
  let open: Running;
  let guarded: Running;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'open-api-'));
    const file = join(directory, 'clients.json');
    const ada = { name: 'ada', hash: String(await PasswordHash.of('sesame')), dataSources: ['clicks'] };
    await writeFile(file, JSON.stringify({ clients: [ada] }));
    const limits = { 'http.maxBodyBytes': 10_000, 'http.answerTimeout': 'PT0.5S', 'http.stopTimeout': 'PT0.1S' };
    open = await running(limits);
    guarded = await running({ 'http.auth.path': file });
  });
  afterAll(async () => {
    await open[Symbol.asyncDispose]();
    await guarded[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  const path = '/v1/post/{dataSource}';
  const post = async (body: unknown, more: Record<string, string> = {}, name = 'clicks'): Promise<[number, string]> => {
    const bytes = body instanceof Buffer ? new Uint8Array(body) : JSON.stringify(body);
    const headers = { 'content-type': json, ...more };
    return documented(
      path,
      'post',
      await fetch(`${open.url}/v1/post/${name}`, { method: 'POST', headers, body: bytes }),
    );
  };

  it.each(Object.keys(paths).filter((one) => paths[one]?.['get'] !== undefined))('has what %s answers', async (one) => {
    expect((await documented(one, 'get', await fetch(`${open.url}${one}`)))[0]).toBe(200);
    const headers = [{}, { accept: json }, { authorization: `Basic ${btoa('ada:wrong')}` }];
    const known = { authorization: `Basic ${btoa('ada:sesame')}` };
    const isOpen = one === '/health' || one === '/ready';
    const [status] = await documented(one, 'get', await fetch(`${guarded.url}${one}`, { headers: known }));
    expect(status).toBe(isOpen || one === '/v1/openapi.json' ? 200 : 403);
    for (const unknown of headers) {
      const answer = await documented(one, 'get', await fetch(`${guarded.url}${one}`, { headers: unknown }));
      expect(answer[0]).toBe(isOpen ? 200 : 401);
    }
  });

  it('has what POSTs of every type are answered', async () => {
    const smile = 'application/x-jackson-smile';
    expect(Object.keys(paths[path]?.['post']?.requestBody?.content ?? {})).toEqual(
      expect.arrayContaining([json, 'application/x-ndjson', 'application/ndjson', smile, 'text/plain']),
    );
    expect(await post([click('a'), old])).toEqual([200, json]);
    expect(await post(click('a'), { 'content-type': 'application/ndjson' })).toEqual([200, json]);
    expect(await post(encodeSmile([click('a')]), { 'content-type': smile })).toEqual([200, smile]);
  });

  it.each<[string, number, unknown, string, Record<string, string>]>([
    ['a broken body', 400, Buffer.from(`{"time":}\n${JSON.stringify(click('a'))}`), 'clicks', {}],
    ['an unknown dataSource', 400, [], 'nope', {}],
    ['another site', 403, [], 'clicks', { origin: 'http://elsewhere.example' }],
    ['a body that is too large', 413, 'x'.repeat(20_000), 'clicks', {}],
    ['a name that is too long', 414, [], 'x'.repeat(1025), {}],
  ])('has what %s is answered, as text and as JSON', async (_, status, body, name, headers) => {
    expect(await post(body, headers, name)).toEqual([status, 'text/plain']);
    expect(await post(body, { ...headers, accept: json }, name)).toEqual([status, json]);
  });

  it('has what is answered with Druid away', async () => {
    open.sandbox.faults.add({ server: 'task', path: '/push-events', action: { kind: 'hang' }, times: 1000 });
    expect(await post([click('a'), old], { accept: json })).toEqual([503, json]);
  });
});

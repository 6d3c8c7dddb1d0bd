import { startSandbox } from '@tranquility-js/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '@tranquility-js/sandbox';
import { createServer, type Server } from '../src/index.js';
import { spec } from './support/clicks.js';

const timestampSpec = { column: 'time', format: 'auto' };
const dimensionsSpec = { dimensions: ['user'] };
const parsers = {
  csv: { format: 'csv', columns: ['time', 'user'], timestampSpec, dimensionsSpec },
  tsv: { format: 'tsv', columns: ['time', 'user'], timestampSpec, dimensionsSpec },
  regex: { format: 'regex', pattern: '^(\\d+) (.*)$', columns: ['time', 'user'], timestampSpec, dimensionsSpec },
  nested: {
    format: 'json',
    flattenSpec: { useFieldDiscovery: true, fields: [{ type: 'path', name: 'user', expr: '$.who.name' }] },
    timestampSpec,
    dimensionsSpec,
  },
};

let sandbox: Sandbox;
let server: Server;
beforeAll(async () => {
  sandbox = await startSandbox();
  const dataSources = Object.entries(parsers).map(([name, parseSpec]) => ({
    spec: spec(name, { type: 'string', parseSpec }),
  }));
  server = await createServer({
    config: { dataSources, properties: { 'druid.overlord.urls': sandbox.url, 'http.port': 0 } },
  });
});
afterAll(async () => {
  await server.stop();
  await sandbox[Symbol.asyncDispose]();
});

describe('a text is read as the spec of its dataSource says', () => {
  const now = Date.now();
  it.each([
    ['csv', `${now},"ada, countess"\n${now},grace\n`, ['ada, countess', 'grace']],
    ['tsv', `${now}\tada\n${now}\tgrace\n`, ['ada', 'grace']],
    ['regex', `${now} ada\n${now} grace\n`, ['ada', 'grace']],
    ['nested', `{"time":${now},"who":{"name":"ada"}}\n`, ['ada']],
  ])('%s', async (dataSource, body, users) => {
    const response = await fetch(`${server.urls[0]}/v1/post/${dataSource}`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body,
    });
    expect(await response.json()).toEqual({ result: { received: users.length, sent: users.length } });
    const rows = (await sandbox.sql(`SELECT "user" FROM "${dataSource}" ORDER BY 1`)) as { user: string }[];
    expect(rows.map(({ user }) => user)).toEqual(users);
  });
});

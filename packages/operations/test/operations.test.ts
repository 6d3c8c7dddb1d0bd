import { fastify } from 'fastify';
import { describe, expect, it } from 'vitest';
import { MetricsRegistry, operations } from '../src/index.js';

function appWith(reasons: readonly string[]) {
  const app = fastify();
  const metrics = new MetricsRegistry();
  metrics.add(() => [{ name: 'up', type: 'gauge', help: 'Up.', samples: [{ value: 1 }] }]);
  void app.register(operations, { readiness: () => ({ reasons }), metrics, status: () => ({ dataSources: [] }) });
  return async (url: string) => {
    const { statusCode, headers, body } = await app.inject({ url });
    return { statusCode, type: headers['content-type'], retry: headers['retry-after'], body };
  };
}

describe('operations', () => {
  it('says that the process lives, can take data, and what it does', async () => {
    const get = appWith([]);
    expect(await get('/health')).toMatchObject({ statusCode: 200, body: '{"status":"alive"}' });
    expect(await get('/ready')).toMatchObject({ statusCode: 200, body: '{"status":"ready"}' });
    expect(await get('/v1/status')).toMatchObject({ statusCode: 200, body: '{"dataSources":[]}' });
    expect(await get('/metrics')).toMatchObject({
      statusCode: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
      body: '# HELP up Up.\n# TYPE up gauge\nup 1\n',
    });
  });

  it('gives reasons when it cannot take data', async () => {
    expect(await appWith(['Druid is away.'])('/ready')).toMatchObject({
      statusCode: 503,
      retry: '5',
      body: '{"status":"not ready","reasons":["Druid is away."]}',
    });
  });
});

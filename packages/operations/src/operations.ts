import type { FastifyPluginCallback } from 'fastify';
import { MetricsRegistry } from './metrics/registry.js';

/** Whether a process can do its work now. */
export interface Readiness {
  /** Why it cannot; none when it can. */
  readonly reasons: readonly string[];
}

export interface OperationsOptions {
  /** Asked by each `GET /ready`. */
  readonly readiness: () => Readiness | Promise<Readiness>;
  readonly metrics: MetricsRegistry;
  /** What `GET /v1/status` answers, as JSON. */
  readonly status: () => unknown;
}

/**
 * What a process tells of itself, as a fastify plugin: `GET /health` (it lives), `/ready` (it can take data; 503 and the reasons when it
 * cannot), `/metrics` (for Prometheus), `/v1/status` (for people and programs).
 */
export const operations: FastifyPluginCallback<OperationsOptions> = (app, { readiness, metrics, status }, done) => {
  app.get('/health', () => ({ status: 'alive' }));

  app.get('/ready', async (_, reply) => {
    const { reasons } = await readiness();
    if (reasons.length === 0) return { status: 'ready' };
    return reply.code(503).header('retry-after', '5').send({ status: 'not ready', reasons });
  });

  app.get('/metrics', (_, reply) => reply.type(MetricsRegistry.contentType).send(metrics.text()));

  app.get('/v1/status', () => status());

  done();
};

import type { Writable } from 'node:stream';
import type { CounterSnapshot, Logger } from '@tranquility-js/core';
import { fastify, type FastifyInstance } from 'fastify';
import { runUntilStopped, type StopReport } from './life-cycle.js';
import { createLogger, type LogLevel } from './logger.js';
import type { MetricSource } from './metrics/metric.js';
import { processMetrics } from './metrics/process-metrics.js';
import { MetricsRegistry } from './metrics/registry.js';
import { senderMetrics } from './metrics/sender-metrics.js';
import { operations } from './operations.js';

/** What every connector's process is told. */
export interface RunConnectorOptions {
  /** The path of the config file. */
  readonly config: string;
  /** Properties that win over those of the config, by name. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Where `/health`, `/ready`, `/metrics` and `/v1/status` are served. Default: nowhere. */
  readonly http?: { readonly host: string; readonly port: number };
  /** How long what was read may take to settle when the process is told to end, in milliseconds. Default 30 s. */
  readonly drainTimeout?: number;
  readonly logLevel?: LogLevel;
  /** Where lines of the log go. Default: standard output. */
  readonly log?: Writable;
  /** Calls back each time that somebody wants the process to end. Returns how to stop listening. */
  readonly onInterrupt: (interrupt: () => void) => () => void;
}

/** How it ended. */
interface Drained {
  readonly drained: boolean;
}

/** A connector, as far as a process needs to know it. */
export interface RunnableConnector<R extends Drained = Drained> {
  readonly counters: { readonly dataSources: Readonly<Record<string, CounterSnapshot>> };
  /** By which lane each dataSource gets its events, as far as is known. */
  readonly lanes: ReadonlyMap<string, string>;
  /** Why it is not ready. */
  readonly reasons: readonly string[];
  start(): Promise<void>;
  /**
   * Settles what it can within the time, in milliseconds, or until the signal aborts, and releases everything. The second call waits for the
   * first.
   */
  close(options: { readonly timeout: number; readonly signal?: AbortSignal }): Promise<R>;
  once(event: 'fatal', listener: (error: Error) => void): unknown;
}

/** A connector, and what is its own about running it. */
export interface ConnectorToRun<R extends Drained> {
  readonly connector: RunnableConnector<R>;
  readonly metrics: MetricSource;
  /** What was left, in words for people, where not all was drained. */
  readonly left: (report: R) => readonly string[];
}

/**
 * Runs a connector as a process: until it is told to end, or cannot go on.
 * @throws (as a rejection) what opening and starting throw; what the connector could not go on for.
 */
export async function runConnector<R extends Drained>(
  options: RunConnectorOptions,
  open: (logger: Logger) => Promise<ConnectorToRun<R>>,
): Promise<StopReport> {
  const { drainTimeout = 30_000, logLevel = 'info', log, onInterrupt } = options;
  const logger = createLogger({ level: logLevel, ...(log === undefined ? {} : { destination: log }) });
  const { connector, metrics, left } = await open(logger);
  const app = await serve(connector, metrics, options);
  const broken = new Promise<never>((_, reject) => {
    connector.once('fatal', reject);
  });
  broken.catch(() => undefined);
  try {
    await connector.start();
    return await runUntilStopped({
      onInterrupt,
      broken,
      stop: async (now) => {
        const report = await connector.close({ timeout: drainTimeout, signal: now });
        const { drained } = report;
        logger.info(
          drained ? 'All that was read is settled and committed.' : 'What was not settled will be read again.',
        );
        return { drained, left: drained ? [] : left(report) };
      },
    });
  } finally {
    await connector.close({ timeout: 0 });
    await app?.close();
  }
}

async function serve(
  connector: RunnableConnector,
  own: MetricSource,
  { http }: RunConnectorOptions,
): Promise<FastifyInstance | undefined> {
  if (http === undefined) return undefined;
  const metrics = new MetricsRegistry();
  metrics.add(own);
  metrics.add(
    senderMetrics(() =>
      Object.entries(connector.counters.dataSources).map(([dataSource, counters]) => ({
        dataSource,
        lane: connector.lanes.get(dataSource) ?? 'unknown',
        counters,
      })),
    ),
  );
  metrics.add(processMetrics());
  const app = fastify();
  await app.register(operations, {
    metrics,
    readiness: () => ({ reasons: connector.reasons }),
    status: () => connector.counters,
  });
  await app.listen(http);
  return app;
}

import { readConfig, type DataSourceConfig } from '@tranquility-js/core';
import {
  consumerProperties,
  Endpoint,
  HttpClient,
  ManagedSupervisor,
  OverlordClient,
  overlordUrls,
  systemClock,
} from '@tranquility-js/core/internal';
import type { MemoryLog } from '@tranquility-js/scripted-druid';
import { endpoints } from './cluster.js';
import { sql } from './druid.js';

/** Rows that are numbered: that none is missing or twice shows in their count and their sum. */
export class NumberedRows {
  readonly #logs: readonly MemoryLog[];
  #count = 0;

  constructor(logs: readonly MemoryLog[]) {
    this.#logs = logs;
  }

  get expected(): { readonly rows: number; readonly sum: number } {
    return { rows: this.#count, sum: (this.#count * (this.#count - 1)) / 2 };
  }

  /** Appends so many rows, in batches, to the partitions in turn. */
  append(count: number, fields: Readonly<Record<string, unknown>> = {}, batch = 1_000): void {
    const end = this.#count + count;
    for (let turn = 0; this.#count < end; turn++) {
      const size = Math.min(batch, end - this.#count);
      const first = this.#count;
      const values = Array.from({ length: size }, (_, index) =>
        JSON.stringify({ time: Date.now(), n: first + index, page: `page ${index % 10}`, ...fields }),
      );
      this.#logs[turn % this.#logs.length]?.append(values, { timestamp: Date.now() });
      this.#count += size;
    }
  }
}

/** What SQL says of numbered rows. */
export async function numberedIn(dataSource: string): Promise<{ rows: number; sum: number }> {
  try {
    const [row] = await sql(`SELECT COUNT(*) AS c, SUM("n") AS s FROM "${dataSource}"`);
    return { rows: Number(row?.['c'] ?? 0), sum: Number(row?.['s'] ?? 0) };
  } catch {
    // While tasks change places, Druid fails queries for a moment.
    return { rows: -1, sum: -1 };
  }
}

/** A config for numbered rows, not rolled up. */
export function numberedConfig(
  dataSource: string,
  dimensions: readonly string[],
  partitions: number,
): DataSourceConfig {
  const { dataSources } = readConfig({
    dataSources: [
      {
        spec: {
          dataSchema: {
            dataSource,
            timestampSpec: { column: 'time', format: 'auto' },
            dimensionsSpec: { dimensions: [...dimensions, { type: 'long', name: 'n' }] },
            metricsSpec: [],
            granularitySpec: { segmentGranularity: 'DAY', queryGranularity: 'NONE', rollup: false },
          },
          tuningConfig: { type: 'realtime', windowPeriod: 'PT10M', maxRowsInMemory: 100_000 },
        },
      },
    ],
    properties: { 'druid.overlord.urls': endpoints().overlord, 'task.partitions': String(partitions) },
  });
  const config = dataSources.get(dataSource);
  if (config === undefined) throw new Error(`There is no ${dataSource} in the config.`);
  return config;
}

/** An endpoint for logs in memory, and the supervisor that makes Druid read it. */
export class PullLane implements AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly logs: readonly MemoryLog[];
  readonly #http = new HttpClient();

  private constructor(endpoint: Endpoint, logs: readonly MemoryLog[]) {
    this.endpoint = endpoint;
    this.logs = logs;
  }

  static async start(dataSource: string, logs: readonly MemoryLog[], port = 0): Promise<PullLane> {
    const topics = new Map([[dataSource, logs.map((log) => ({ leader: 0, log }))]]);
    return new PullLane(await Endpoint.start({ topics, listen: { port } }), logs);
  }

  supervisor({ spec, properties }: DataSourceConfig): ManagedSupervisor {
    const overlord = new OverlordClient(this.#http, overlordUrls([endpoints().overlord]));
    const plan = {
      topic: spec.dataSource,
      consumerProperties: consumerProperties({ nodes: this.endpoint.nodes, tls: false }),
      taskCount: properties['task.partitions'],
      replicas: properties['task.replicants'],
      ...{ period: 'PT2S', startDelay: 'PT0S' },
    };
    const quiet = { error: ignore, warn: ignore, info: ignore, debug: ignore, trace: ignore };
    return new ManagedSupervisor(overlord, spec, plan, quiet);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.endpoint.close();
    await this.#http.close();
  }
}

const ignore = (): void => undefined;

/** A minute from now. */
export const patience = (): { clock: typeof systemClock; deadline: number } => ({
  clock: systemClock,
  deadline: Date.now() + 60_000,
});

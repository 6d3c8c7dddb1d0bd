import { readConfig, type DataSourceConfig } from '@tranquility-js/core';

/** How many numbered rows there are, and the sum of their numbers: that none is missing or twice shows in both. */
export interface Tally {
  readonly rows: number;
  readonly sum: number;
}

/** Takes rows of JSON, in one batch. */
export type Append = (partition: number, rows: readonly string[]) => Promise<void> | void;

/** Rows with numbers from 0 on. */
export class NumberedRows {
  readonly #partitions: number;
  readonly #append: Append;
  #count = 0;

  constructor(partitions: number, append: Append) {
    this.#partitions = partitions;
    this.#append = append;
  }

  get expected(): Tally {
    return { rows: this.#count, sum: (this.#count * (this.#count - 1)) / 2 };
  }

  /** Appends so many more, in batches, to the partitions in turn. */
  async append(count: number, fields: Readonly<Record<string, unknown>> = {}, batch = 1_000): Promise<void> {
    const end = this.#count + count;
    for (let turn = 0; this.#count < end; turn++) {
      const first = this.#count;
      const size = Math.min(batch, end - first);
      this.#count += size;
      const rows = Array.from({ length: size }, (_, index) =>
        JSON.stringify({ time: Date.now(), n: first + index, page: `page ${index % 10}`, ...fields }),
      );
      await this.#append(turn % this.#partitions, rows);
    }
  }
}

/** A config file for numbered rows, not rolled up. */
export function numberedFile(
  dataSource: string,
  dimensions: readonly string[],
  properties: Readonly<Record<string, unknown>>,
): object {
  return {
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
    properties,
  };
}

/** Such a config, read. */
export function numberedConfig(dataSource: string, dimensions: readonly string[], overlord: string): DataSourceConfig {
  const { dataSources } = readConfig(numberedFile(dataSource, dimensions, { 'druid.overlord.urls': overlord }));
  const config = dataSources.get(dataSource);
  if (config === undefined) throw new Error(`There is no ${dataSource} in the config.`);
  return config;
}

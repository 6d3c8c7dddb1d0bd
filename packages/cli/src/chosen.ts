import { chooseDataSource, loadConfig, type DataSourceConfig } from '@tranquility-js/core';
import type { CommonOptions } from './options.js';

/** What a command is about. */
export interface Chosen {
  /** One where it was named, else all of the config. */
  readonly dataSources: readonly DataSourceConfig[];
  readonly warnings: readonly string[];
}

/**
 * Reads the config file.
 * @throws TRQ_CONFIG_UNREADABLE, TRQ_CONFIG_SYNTAX, TRQ_CONFIG_INVALID, TRQ_DATASOURCE_UNKNOWN.
 */
export async function readChosen({ config: file, dataSource, properties }: CommonOptions): Promise<Chosen> {
  const config = await loadConfig(file, { properties });
  const dataSources =
    dataSource === undefined ? [...config.dataSources.values()] : [chooseDataSource(config, dataSource)];
  return { dataSources, warnings: config.warnings };
}

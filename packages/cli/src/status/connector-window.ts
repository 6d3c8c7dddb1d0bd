import type { DataSourceConfig } from '@tranquility-js/core';
import { givenIn, readSourcedConfig } from '@tranquility-js/core/internal';
import type { CommonOptions } from '../options.js';

/**
 * DataSources as a connector sends to them: with `window` on append, it has late events appended.
 * @throws TRQ_CONFIG_UNREADABLE, TRQ_CONFIG_SYNTAX, TRQ_CONFIG_INVALID.
 */
export async function withConnectorWindow(
  dataSources: readonly DataSourceConfig[],
  { config, properties }: CommonOptions,
): Promise<readonly DataSourceConfig[]> {
  const appended = new Set<string | undefined>();
  await readSourcedConfig(config, { properties }, (layers, dataSource) => {
    if (String(givenIn(layers).get('window')?.value).trim() === 'append') appended.add(dataSource);
  });
  return dataSources.map((each) =>
    appended.has(each.dataSource)
      ? { ...each, properties: { ...each.properties, 'tranquility.lateEvents': 'append' } }
      : each,
  );
}

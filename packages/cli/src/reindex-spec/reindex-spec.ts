import { reindexSpec as specOf, reindexSql, type DataSourceConfig } from '@tranquility-js/core';
import { readChosen } from '../chosen.js';
import { exitCodes } from '../exit-codes.js';
import type { Command } from '../run.js';
import { UsageError } from '../usage-error.js';
import { readReindexSpecOptions, reindexSpecHelp, type ReindexSpecOptions } from './options.js';

/** `tranquility reindex-spec`: the task, or the SQL, that overwrites an interval from an archive. */
export const reindexSpec: Command = async (args, { terminal: { out, err } }) => {
  const options = readReindexSpecOptions(args);
  if (options === 'help') {
    out.write(reindexSpecHelp);
    return exitCodes.ok;
  }
  const { dataSources, warnings } = await readChosen(options);
  for (const each of warnings) err.write(`warning: ${each}\n`);
  const [config, ...others] = dataSources;
  if (config === undefined || others.length > 0) throw new UsageError('Say which dataSource: --dataSource NAME.');
  out.write(options.sql ? sqlText(config, options) : taskText(config, options));
  return exitCodes.ok;
};

function taskText({ spec }: DataSourceConfig, { interval, uris, json }: ReindexSpecOptions): string {
  return `${JSON.stringify(specOf(spec, interval, uris), null, json ? 0 : 2)}\n`;
}

function sqlText({ spec }: DataSourceConfig, { interval, uris, json }: ReindexSpecOptions): string {
  const request = reindexSql(spec, interval, uris);
  if (json) return `${JSON.stringify(request)}\n`;
  return `-- For /druid/v2/sql/task, with the context ${JSON.stringify(request.context)}\n${request.query}`;
}

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
  const form = formOf(config.spec);
  const remedy = 'If it has rows of plain JSON that are ready for Druid, make the inputFormat {"type":"json"}.';
  if (form !== undefined) err.write(`warning: The archive is read as events are, as ${form}. ${remedy}\n`);
  out.write(options.sql ? sqlText(config, options) : taskText(config, options));
  return exitCodes.ok;
};

/** Of what form the archive must be, where that is more than JSON. */
function formOf({ inputFormat }: DataSourceConfig['spec']): string | undefined {
  if (inputFormat.type !== 'json') return inputFormat.type;
  return inputFormat.flattenSpec === undefined ? undefined : 'JSON that a flattenSpec makes flat';
}

function taskText({ spec }: DataSourceConfig, { interval, uris, json }: ReindexSpecOptions): string {
  return `${JSON.stringify(specOf(spec, interval, uris), null, json ? 0 : 2)}\n`;
}

function sqlText({ spec }: DataSourceConfig, { interval, uris, json }: ReindexSpecOptions): string {
  const request = reindexSql(spec, interval, uris);
  if (json) return `${JSON.stringify(request)}\n`;
  return `-- For /druid/v2/sql/task, with the context ${JSON.stringify(request.context)}\n${request.query}`;
}

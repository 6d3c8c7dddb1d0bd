import { taskStatus, type DataSourceReport } from '@tranquility-js/core';
import { readChosen } from '../chosen.js';
import { exitCodes } from '../exit-codes.js';
import type { Command } from '../run.js';
import { withConnectorWindow } from './connector-window.js';
import { readStatusOptions, statusHelp } from './options.js';
import { statusText } from './text.js';

/** `tranquility status`: what runs for the dataSources of a config. */
export const status: Command = async (args, { terminal: { out, err } }) => {
  const options = readStatusOptions(args);
  if (options === 'help') {
    out.write(statusHelp);
    return exitCodes.ok;
  }
  const { dataSources, warnings } = await readChosen(options);
  for (const each of warnings) err.write(`warning: ${each}\n`);
  const report = await taskStatus(await withConnectorWindow(dataSources, options), options);
  for (const each of report.problems) err.write(`error: ${each}\n`);
  if (options.setUpCompaction && report.problems.length === 0) {
    for (const each of report.dataSources) if (each.append === null) err.write(`warning: ${notSetUp(each)}\n`);
  }
  out.write(options.json ? `${JSON.stringify(report)}\n` : statusText(report));
  return report.problems.length === 0 ? exitCodes.ok : exitCodes.failed;
};

const notSetUp = ({ dataSource, lane }: DataSourceReport): string =>
  `Compaction of ${dataSource} is not set up: its lane is ${lane?.lane ?? 'not known'}, and nothing is appended to it. To have it compacted all the same, set that up in Druid’s console.`;

import { taskStatus } from '@tranquility-js/core';
import { readChosen } from '../chosen.js';
import { exitCodes } from '../exit-codes.js';
import type { Command } from '../run.js';
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
  const report = await taskStatus(dataSources, options);
  for (const each of report.problems) err.write(`error: ${each}\n`);
  out.write(options.json ? `${JSON.stringify(report)}\n` : statusText(report));
  return report.problems.length === 0 ? exitCodes.ok : exitCodes.failed;
};

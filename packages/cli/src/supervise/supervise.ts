import { supervise, type SupervisorAction } from '@tranquility-js/core';
import { readChosen } from '../chosen.js';
import { exitCodes } from '../exit-codes.js';
import type { Command } from '../run.js';
import { readSuperviseOptions, superviseHelp } from './options.js';

/** `tranquility suspend`: Druid reads no more from us. */
export const suspend = commandOf('suspend');
/** `tranquility resume`: Druid reads on. */
export const resume = commandOf('resume');
/** `tranquility terminate`: no supervisor any more. */
export const terminate = commandOf('terminate');

function commandOf(action: SupervisorAction): Command {
  return async (args, { terminal: { out, err } }) => {
    const options = readSuperviseOptions(action, args);
    if (options === 'help') {
      out.write(superviseHelp(action));
      return exitCodes.ok;
    }
    const { dataSources, warnings } = await readChosen(options);
    for (const each of warnings) err.write(`warning: ${each}\n`);
    const { force, timeout } = options;
    const supervised = await supervise(dataSources, action, { force, timeout });
    if (options.json) out.write(`${JSON.stringify({ action, dataSources: supervised })}\n`);
    else {
      for (const { status, message } of supervised) {
        if (status === 'failed') err.write(`error: ${message}\n`);
        else out.write(`${message}\n`);
      }
    }
    return supervised.some(({ status }) => status === 'failed') ? exitCodes.failed : exitCodes.ok;
  };
}

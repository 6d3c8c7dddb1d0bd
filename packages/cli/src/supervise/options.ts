import type { SupervisorAction } from '@tranquility-js/core';
import { commonOptions, parseArguments, readCommon, readTimeout, type CommonOptions } from '../options.js';

const introductions: Readonly<Record<SupervisorAction, string>> = {
  suspend: `Lets Druid publish what it has read from us, and read no more: events are taken all the same, and wait in the
journal until "tranquility resume".`,
  resume: `Lets Druid read on from us, where it was when its supervisor was suspended.`,
  terminate: `Ends the supervisors by which Druid reads from us. Tasks publish what they have read. Druid keeps its place: the
next event makes another supervisor, which goes on there.`,
};

export const superviseHelp = (
  action: SupervisorAction,
): string => `Usage: tranquility ${action} -configFile FILE [OPTIONS]

${introductions[action]}

Options:
  -configFile, --config FILE       The Tranquility config file, JSON or YAML. Required.
  -dataSource, --dataSource NAME   This dataSource alone. Default: all in the config.
  --set NAME=VALUE                 A property that wins over the config's. May be repeated.
  --force                          Act on a supervisor that is not ours too.
  --timeout SECONDS                How long to wait for Druid, which takes a minute to stop a supervisor whose
                                   events nobody serves. Default: 120.
  --json                           Print one JSON object.
  --help                           Show this.

Exit codes: 0 done, or it was so before; 1 a dataSource has no supervisor, or one that is not ours, or Druid
could not be asked; 2 wrong command line; 78 wrong config.
`;

export interface SuperviseCommandOptions extends CommonOptions {
  readonly force: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

const options = { ...commonOptions, force: { type: 'boolean' }, timeout: { type: 'string' } } as const;

/**
 * Reads the arguments of `suspend`, `resume` and `terminate`.
 * @returns `'help'` when the user asks for it.
 * @throws UsageError
 */
export function readSuperviseOptions(
  action: SupervisorAction,
  args: readonly string[],
): SuperviseCommandOptions | 'help' {
  const { values } = parseArguments(action, args, options, false);
  if (values.help === true) return 'help';
  return {
    ...readCommon(action, values),
    force: values.force === true,
    timeout: readTimeout(values.timeout ?? '120'),
  };
}

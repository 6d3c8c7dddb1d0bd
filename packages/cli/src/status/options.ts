import { commonOptions, parseArguments, readCommon, readTimeout, type CommonOptions } from '../options.js';

export const statusHelp = `Usage: tranquility status -configFile FILE [OPTIONS]

Shows the tasks of the config's dataSources, those of JVM Tranquilities too: which segment, partition and
replica each is, its state, and where it runs; with coordination through ZooKeeper what is kept there; and
how full the workers are.

Options:
  -configFile, --config FILE       The Tranquility config file, JSON or YAML. Required.
  -dataSource, --dataSource NAME   Show this dataSource alone. Default: all in the config.
  --set NAME=VALUE                 A property that wins over the config's. May be repeated.
  --timeout SECONDS                How long to wait for each answer. Default: 10.
  --json                           Print one JSON object.
  --help                           Show this.

Exit codes: 0 shown, also when no task runs; 1 something could not be asked; 2 wrong command line;
78 wrong config.
`;

export interface StatusCommandOptions extends CommonOptions {
  /** Milliseconds. */
  readonly timeout: number;
}

const options = { ...commonOptions, timeout: { type: 'string' } } as const;

/**
 * Reads the arguments of `status`.
 * @returns `'help'` when the user asks for it.
 * @throws UsageError
 */
export function readStatusOptions(args: readonly string[]): StatusCommandOptions | 'help' {
  const { values } = parseArguments('status', args, options, false);
  if (values.help === true) return 'help';
  return { ...readCommon('status', values), timeout: readTimeout(values.timeout ?? '10') };
}

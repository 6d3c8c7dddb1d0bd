import { commonOptions, parseArguments, readCommon, readTimeout, type CommonOptions } from '../options.js';

export const statusHelp = `Usage: tranquility status -configFile FILE [OPTIONS]

Shows how the events of each dataSource get into Druid, and its tasks, those of JVM Tranquilities too: which
segment, partition and replica each is, its state, and where it runs; where Druid reads from us its supervisor,
how far it has read, and what is wrong with it; where events are appended how many segments that has made, and
whether Druid compacts them; with coordination through ZooKeeper what is kept there; and how full the workers are.

Options:
  -configFile, --config FILE       The Tranquility config file, JSON or YAML. Required.
  -dataSource, --dataSource NAME   Show this dataSource alone. Default: all in the config.
  --set NAME=VALUE                 A property that wins over the config's. May be repeated.
  --set-up-compaction              Let Druid compact by itself what events are appended to.
  --timeout SECONDS                How long to wait for each answer. Default: 10.
  --json                           Print one JSON object.
  --help                           Show this.

Exit codes: 0 shown, also when no task runs; 1 something could not be asked; 2 wrong command line;
78 wrong config.
`;

export interface StatusCommandOptions extends CommonOptions {
  /** Milliseconds. */
  readonly timeout: number;
  readonly setUpCompaction: boolean;
}

const options = {
  ...commonOptions,
  'set-up-compaction': { type: 'boolean' },
  timeout: { type: 'string' },
} as const;

/**
 * Reads the arguments of `status`.
 * @returns `'help'` when the user asks for it.
 * @throws UsageError
 */
export function readStatusOptions(args: readonly string[]): StatusCommandOptions | 'help' {
  const { values } = parseArguments('status', args, options, false);
  if (values.help === true) return 'help';
  return {
    ...readCommon('status', values),
    setUpCompaction: values['set-up-compaction'] === true,
    timeout: readTimeout(values.timeout ?? '10'),
  };
}

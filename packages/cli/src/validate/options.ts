import { commonOptions, parseArguments, readCommon, readTimeout, type CommonOptions } from '../options.js';

export const validateHelp = `Usage: tranquility validate -configFile FILE [OPTIONS]

Reads a config file, and tells every mistake in it with its place; or, if there is none, what it says. With
--probe it also looks at the servers: whether events could be sent now. It creates no tasks.

Options:
  -configFile, --config FILE       The Tranquility config file, JSON or YAML. Required.
  -dataSource, --dataSource NAME   Tell of this dataSource alone. Default: all in the config.
  --set NAME=VALUE                 A property that wins over the config's. May be repeated.
  --probe                          Ask the servers: ZooKeeper, overlords, version, workers.
  --timeout SECONDS                How long --probe waits for each answer. Default: 5.
  --json                           Print one JSON object.
  --help                           Show this.

Exit codes: 0 all is well, or there are warnings; 1 --probe found what keeps events from being sent;
2 wrong command line; 78 wrong config.
`;

export interface ValidateOptions extends CommonOptions {
  readonly probe: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

const options = { ...commonOptions, probe: { type: 'boolean' }, timeout: { type: 'string' } } as const;

/**
 * Reads the arguments of `validate`.
 * @returns `'help'` when the user asks for it.
 * @throws UsageError
 */
export function readValidateOptions(args: readonly string[]): ValidateOptions | 'help' {
  const { values } = parseArguments('validate', args, options, false);
  if (values.help === true) return 'help';
  return {
    ...readCommon('validate', values),
    probe: values.probe === true,
    timeout: readTimeout(values.timeout ?? '5'),
  };
}

import { commonOptions, parseArguments, readCommon } from '../options.js';
import { UsageError } from '../usage-error.js';

export const serverHelp = `Usage: tranquility server -configFile FILE [OPTIONS]

Takes events by HTTP (POST /v1/post/DATASOURCE) and sends them to Druid, until Ctrl-C or a termination signal; then it answers what is
under way and sends what it has. SIGHUP, or a change of the file, makes it read its config again.

Options:
  -configFile, --config FILE   The Tranquility config file, JSON or YAML. Required.
  --set NAME=VALUE             A property that wins over the config's. May be repeated.
  --log-level LEVEL            silent, error, warn, info, debug or trace. Default: info.
  --hash                       Read a password from standard input, print its hash for the file of http.auth.path, and end.
  --help                       Show this.
`;

const levels = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const;

export interface ServerCommandOptions {
  readonly config: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly logLevel: (typeof levels)[number];
}

/**
 * Reads the arguments of `server`.
 * @returns `'help'` or `'hash'` when the user asks for that.
 * @throws UsageError
 */
export function readServerOptions(args: readonly string[]): ServerCommandOptions | 'help' | 'hash' {
  const { config, set, help } = commonOptions;
  const options = { config, set, help, hash: { type: 'boolean' }, 'log-level': { type: 'string' } } as const;
  const { values } = parseArguments('server', args, options, false);
  if (values.help === true) return 'help';
  if (values.hash === true) return 'hash';
  const wanted = values['log-level'] ?? 'info';
  const logLevel = levels.find((level) => level === wanted);
  if (logLevel === undefined) throw new UsageError(`--log-level ${wanted}: expected one of ${levels.join(', ')}.`);
  const { config: file, properties } = readCommon('server', values);
  return { config: file, properties, logLevel };
}

import { parseArguments } from '../options.js';
import { processOptions, readProcessOptions, type ProcessOptions } from '../process-options.js';

export const kinesisHelp = `Usage: tranquility kinesis -configFile FILE [OPTIONS]

Reads Kinesis streams and sends their records to Druid, until Ctrl-C or a termination signal; then it settles what it has read and
writes down how far it is. Only what Druid has acknowledged is written down.

Options:
  -configFile, --config FILE   The Tranquility config file, JSON or YAML. Required.
  --set NAME=VALUE             A property that wins over the config's. May be repeated.
  --http [HOST:]PORT           Serve /health, /ready, /metrics and /v1/status there. Host: 127.0.0.1 if not given.
  --timeout SECONDS            How long what was read may take to settle in the end. Default: 30.
  --log-level LEVEL            silent, error, warn, info, debug or trace. Default: info.
  --help                       Show this.
`;

/**
 * Reads the arguments of `kinesis`.
 * @returns `'help'` when the user asks for it.
 * @throws UsageError
 */
export function readKinesisOptions(args: readonly string[]): ProcessOptions | 'help' {
  const { values } = parseArguments('kinesis', args, processOptions, false);
  return values.help === true ? 'help' : readProcessOptions('kinesis', values);
}

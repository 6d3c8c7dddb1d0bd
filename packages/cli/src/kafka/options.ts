import { commonOptions, parseArguments } from '../options.js';
import { processOptions, readProcessOptions, type ProcessOptions } from '../process-options.js';

export const kafkaHelp = `Usage: tranquility kafka -configFile FILE [OPTIONS]

Reads Kafka topics and sends their records to Druid, until Ctrl-C or a termination signal; then it settles and commits what it has
read. Only what Druid has acknowledged is committed.

Options:
  -configFile, --config FILE   The Tranquility config file, JSON or YAML. Required.
  --set NAME=VALUE             A property that wins over the config's. May be repeated.
  --http [HOST:]PORT           Serve /health, /ready, /metrics and /v1/status there. Host: 127.0.0.1 if not given.
  --timeout SECONDS            How long what was read may take to settle in the end. Default: 30.
  --log-level LEVEL            silent, error, warn, info, debug or trace. Default: info.
  --supervise                  Let Druid read the topics itself: see to its supervisors, and end. Druid 31 and later.
  --json                       With --supervise: print what was done as one line of JSON.
  --help                       Show this.
`;

export interface KafkaCommandOptions extends ProcessOptions {
  readonly supervise: boolean;
  readonly json: boolean;
}

/**
 * Reads the arguments of `kafka`.
 * @returns `'help'` when the user asks for it.
 * @throws UsageError
 */
export function readKafkaOptions(args: readonly string[]): KafkaCommandOptions | 'help' {
  const options = { ...processOptions, json: commonOptions.json, supervise: { type: 'boolean' } } as const;
  const { values } = parseArguments('kafka', args, options, false);
  if (values.help === true) return 'help';
  const { supervise = false, json = false } = values;
  return { ...readProcessOptions('kafka', values), json, supervise };
}

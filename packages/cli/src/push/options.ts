import { commonOptions, parseArguments, readCommon, type CommonOptions } from '../options.js';
import { UsageError } from '../usage-error.js';

export const pushHelp = `Usage: tranquility push -configFile FILE [OPTIONS] [FILE...]

Sends events to Druid: newline-delimited JSON, a JSON array, or objects one after another, from files or,
without any or for "-", from standard input. What is packed with gzip is unpacked.

Options:
  -configFile, --config FILE       The Tranquility config file, JSON or YAML. Required.
  -dataSource, --dataSource NAME   Which of the config's dataSources. Default: the only one in it.
  --set NAME=VALUE                 A property that wins over the config's, such as
                                   --set druid.overlord.urls=http://overlord:8090. May be repeated.
  --format auto|ndjson|json        How the input is cut into events. Default: auto, by its beginning.
                                   Not for specs that name another format than JSON.
  --dead-letter FILE               Append every event that was not delivered, with the reason, as a line of JSON.
  --rate N                         Send at most N events a second.
  --fail-on-drop                   End with 3 if any event was dropped.
  --json                           Print the summary as one line of JSON.
  --verbose                        Tell what happens to tasks.
  --help                           Show this.

Ctrl-C stops reading, and waits up to 30 seconds for what was read; a second Ctrl-C does not wait. Where Druid
reads from us (lane pull), events are kept in the journal, and at the end up to two minutes go by until Druid has
read and published them; Ctrl-C, pressed twice, ends that too. With /dev/null for FILE it only serves what the
journal has.

Exit codes: 0 sent, or dropped for a counted reason; 1 some events could not be delivered, were lost with
their tasks, or are in the journal and Druid has not read them; 2 wrong command line;
3 events were dropped and none was sent, or any was with --fail-on-drop; 78 wrong config; 130 interrupted.
`;

type InputFormat = 'auto' | 'ndjson' | 'json';

export interface PushOptions extends CommonOptions {
  readonly format: InputFormat;
  readonly deadLetter?: string;
  /** Events a second, at most. */
  readonly rate?: number;
  readonly failOnDrop: boolean;
  readonly verbose: boolean;
  /** `-` is standard input. */
  readonly files: readonly string[];
}

const options = {
  ...commonOptions,
  format: { type: 'string' },
  'dead-letter': { type: 'string' },
  rate: { type: 'string' },
  'fail-on-drop': { type: 'boolean' },
  verbose: { type: 'boolean' },
} as const;

/**
 * Reads the arguments of `push`.
 * @returns `'help'` when the user asks for it.
 * @throws UsageError
 */
export function readPushOptions(args: readonly string[]): PushOptions | 'help' {
  const { values, positionals } = parseArguments('push', args, options, true);
  if (values.help === true) return 'help';
  return {
    ...readCommon('push', values),
    format: readFormat(values.format ?? 'auto'),
    ...(values['dead-letter'] === undefined ? {} : { deadLetter: values['dead-letter'] }),
    ...(values.rate === undefined ? {} : { rate: readRate(values.rate) }),
    failOnDrop: values['fail-on-drop'] === true,
    verbose: values.verbose === true,
    files: positionals.length === 0 ? ['-'] : positionals,
  };
}

function readRate(text: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  throw new UsageError(`--rate ${text}: expected a whole number of events a second, at least 1.`);
}

function readFormat(text: string): InputFormat {
  if (text === 'auto' || text === 'ndjson' || text === 'json') return text;
  throw new UsageError(`--format ${text}: expected auto, ndjson or json.`);
}

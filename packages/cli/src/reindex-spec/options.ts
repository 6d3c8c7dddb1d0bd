import { commonOptions, parseArguments, readCommon, type CommonOptions } from '../options.js';
import { UsageError } from '../usage-error.js';

export const reindexSpecHelp = `Usage: tranquility reindex-spec -configFile FILE --interval START/END --uri URI [OPTIONS]

Prints the task that overwrites an interval of a dataSource from an archive, with the schema of the config: for
those who follow up a stream with a nightly batch. Nothing is sent to Druid.

Options:
  -configFile, --config FILE       The Tranquility config file, JSON or YAML. Required.
  -dataSource, --dataSource NAME   Which of the config's dataSources. Needed where there are several.
  --interval START/END             What is overwritten, such as 2026-03-05T00:00:00Z/2026-03-06T00:00:00Z. It begins
                                   and ends where segments do. Required.
  --uri URI                        A file of the archive, of events as they came, in the format of the config (by default
                                   newline-delimited JSON): http, https, s3, gs or hdfs. Required; may be repeated.
  --sql                            Print a statement of SQL in place of the task: REPLACE INTO, for the multi-stage
                                   query engine.
  --set NAME=VALUE                 A property that wins over the config's. May be repeated.
  --json                           Print it on one line; with --sql as what is posted, with its context.
  --help                           Show this.

Exit codes: 0 printed; 2 wrong command line; 78 wrong config, or an interval or a URI that cannot be used.
`;

export interface ReindexSpecOptions extends CommonOptions {
  readonly interval: string;
  readonly uris: readonly string[];
  /** Whether to print SQL in place of a task. */
  readonly sql: boolean;
}

const options = {
  ...commonOptions,
  interval: { type: 'string' },
  uri: { type: 'string', multiple: true },
  sql: { type: 'boolean', default: false },
} as const;

/**
 * Reads the arguments of `reindex-spec`.
 * @returns `'help'` when the user asks for it.
 * @throws UsageError
 */
export function readReindexSpecOptions(args: readonly string[]): ReindexSpecOptions | 'help' {
  const { values } = parseArguments('reindex-spec', args, options, false);
  if (values.help === true) return 'help';
  const common = readCommon('reindex-spec', values);
  const { interval, uri: uris } = values;
  if (interval === undefined) throw new UsageError('Say what is overwritten: --interval START/END.');
  if (uris === undefined) throw new UsageError('Say where the archive is: --uri URI.');
  return { ...common, interval, uris, sql: values.sql };
}

import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from './usage-error.js';

/** What every command that reads a config is told. */
export interface CommonOptions {
  readonly config: string;
  readonly dataSource?: string;
  /** Properties that win over the config's. */
  readonly properties: Readonly<Record<string, string>>;
  readonly json: boolean;
}

/** Their form, for `parseArguments`. */
export const commonOptions = {
  config: { type: 'string' },
  dataSource: { type: 'string' },
  set: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** Tranquility's spelling of long options: one dash. */
const tranquilityNames: Readonly<Record<string, string>> = {
  '-configFile': '--config',
  '--configFile': '--config',
  '-dataSource': '--dataSource',
  '-help': '--help',
  '-h': '--help',
};

type Options = NonNullable<ParseArgsConfig['options']>;

type Parsed<T extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T; allowPositionals: boolean; strict: true }>
>;

/**
 * Reads arguments, options in either spelling.
 * @param command whose help an error names.
 * @throws UsageError
 */
export function parseArguments<const T extends Options>(
  command: string,
  args: readonly string[],
  options: T,
  allowPositionals: boolean,
): Parsed<T> {
  try {
    return parseArgs({ args: args.map(modernName), options, allowPositionals, strict: true });
  } catch (error) {
    const message = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new UsageError(`${String(message)}. "tranquility ${command} --help" shows all options.`);
  }
}

interface CommonValues {
  readonly config?: string | undefined;
  readonly dataSource?: string | undefined;
  readonly set?: string[] | undefined;
  readonly json?: boolean | undefined;
}

/**
 * The common ones of the values that were read.
 * @throws UsageError
 */
export function readCommon(command: string, values: CommonValues): CommonOptions {
  const { config, dataSource, set = [], json = false } = values;
  if (config === undefined) {
    throw new UsageError(`Name the config file: -configFile FILE. "tranquility ${command} --help" shows all options.`);
  }
  const properties = Object.fromEntries(set.map(readAssignment));
  return { config, ...(dataSource === undefined ? {} : { dataSource }), properties, json };
}

function modernName(arg: string): string {
  const [name = '', ...value] = arg.split('=');
  const modern = tranquilityNames[name];
  return modern === undefined ? arg : [modern, ...value].join('=');
}

function readAssignment(text: string): [string, string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new UsageError(`--set ${text}: expected NAME=VALUE, such as --set task.partitions=1.`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

/**
 * Seconds, as milliseconds.
 * @throws UsageError
 */
export function readTimeout(text: string): number {
  const seconds = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (seconds > 0) return seconds * 1000;
  throw new UsageError(`--timeout ${text}: expected seconds, such as 5.`);
}

import { commonOptions, readCommon, readTimeout } from './options.js';
import { UsageError } from './usage-error.js';

const levels = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** What the process of a connector is told. */
export interface ProcessOptions {
  readonly config: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly http?: { readonly host: string; readonly port: number };
  /** In milliseconds. */
  readonly drainTimeout?: number;
  readonly logLevel: (typeof levels)[number];
}

/** Their form, for `parseArguments`. */
export const processOptions = {
  config: commonOptions.config,
  set: commonOptions.set,
  help: commonOptions.help,
  http: { type: 'string' },
  timeout: { type: 'string' },
  'log-level': { type: 'string' },
} as const;

interface ProcessValues {
  readonly config?: string | undefined;
  readonly set?: string[] | undefined;
  readonly http?: string | undefined;
  readonly timeout?: string | undefined;
  readonly 'log-level'?: string | undefined;
}

/**
 * The options of a connector's process, of the values that were read.
 * @throws UsageError
 */
export function readProcessOptions(command: string, values: ProcessValues): ProcessOptions {
  const { http, timeout } = values;
  const wanted = values['log-level'] ?? 'info';
  const logLevel = levels.find((level) => level === wanted);
  if (logLevel === undefined) throw new UsageError(`--log-level ${wanted}: expected one of ${levels.join(', ')}.`);
  const { config, properties } = readCommon(command, values);
  return {
    ...{ config, properties, logLevel },
    ...(http === undefined ? {} : { http: readAddress(http) }),
    ...(timeout === undefined ? {} : { drainTimeout: readTimeout(timeout) }),
  };
}

function readAddress(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain = '127.0.0.1', port = ''] = /^(?:(?:\[(.+)\]|(.+)):)?(\d{1,5})$/.exec(text) ?? [];
  if (port !== '' && Number(port) < 65_536) return { host: bracketed ?? plain, port: Number(port) };
  throw new UsageError(`--http ${text}: expected a port, or host:port, such as 127.0.0.1:9090 or [::1]:9090.`);
}

import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { messageOf, TranquilityError } from '@tranquility-js/core';
import { exitCodes } from './exit-codes.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

/** What a command sees of the process that it runs in. */
export interface Environment {
  readonly terminal: Terminal;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** Calls back each time that the user wants to end. Returns how to stop listening. */
  readonly onInterrupt: (interrupt: () => void) => () => void;
}

/** Runs a command and returns its exit code. */
export type Command = (args: readonly string[], environment: Environment) => Promise<number>;

/** Each is loaded only when it is asked for. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  push: async () => (await import('./push/push.js')).push,
  sandbox: async () => (await import('./sandbox/sandbox.js')).sandbox,
  status: async () => (await import('./status/status.js')).status,
  validate: async () => (await import('./validate/validate.js')).validate,
};

const help = `Usage: tranquility COMMAND [OPTIONS]

Commands:
  push      Send events from files or standard input to Druid.
  sandbox   Run an embedded Druid for development and demos.
  status    Show the tasks of a config's dataSources, and the workers.
  validate  Check a config file, and with --probe its servers.

"tranquility COMMAND --help" tells more of each; "tranquility --version" the version.
`;

/** Runs the command line, and turns whatever goes wrong into a message and an exit code. */
export async function run(args: readonly string[], environment: Environment): Promise<number> {
  const { out, err } = environment.terminal;
  const [name, ...rest] = args;
  if (name === '--version') {
    out.write(`${version()}\n`);
    return exitCodes.ok;
  }
  if (name === '--help' || name === '-help' || name === '-h') {
    out.write(help);
    return exitCodes.ok;
  }
  const load = name === undefined || !Object.hasOwn(commands, name) ? undefined : commands[name];
  if (load === undefined) {
    err.write(name === undefined ? help : `tranquility: there is no command "${name}".\n\n${help}`);
    return exitCodes.usage;
  }
  try {
    return await (
      await load()
    )(rest, environment);
  } catch (error) {
    err.write(`tranquility ${String(name)}: ${messageOf(error)}\n`);
    return exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage;
  if (!(error instanceof TranquilityError)) return exitCodes.failed;
  const isConfig = /^TRQ_(CONFIG_|DATASOURCE_)/.test(error.code);
  return isConfig ? exitCodes.config : exitCodes.failed;
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}

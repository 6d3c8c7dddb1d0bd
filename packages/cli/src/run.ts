import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { messageOf, TranquilityError } from '@tranquility-js/core';
import { exitCodes } from './exit-codes.js';
import { Outputs } from './outputs.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

/** What a command sees of the process that it runs in. */
export interface Environment {
  readonly terminal: Terminal;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** Calls back each time that the user wants to end. Returns how to stop listening. */
  readonly onInterrupt: (interrupt: () => void) => () => void;
}

/** What a command sees once it runs. */
interface CommandEnvironment extends Environment {
  /** Said by a command that goes on until the user ends it: outputs that cannot be written are then told of once, and done without. */
  readonly lasts: () => void;
}

/** Runs a command and returns its exit code. */
export type Command = (args: readonly string[], environment: CommandEnvironment) => Promise<number>;

/** Each is loaded only when it is asked for. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  kinesis: async () => (await import('./kinesis/kinesis.js')).kinesis,
  kafka: async () => (await import('./kafka/kafka.js')).kafka,
  push: async () => (await import('./push/push.js')).push,
  'reindex-spec': async () => (await import('./reindex-spec/reindex-spec.js')).reindexSpec,
  resume: async () => (await import('./supervise/supervise.js')).resume,
  sandbox: async () => (await import('./sandbox/sandbox.js')).sandbox,
  server: async () => (await import('./server/server.js')).server,
  status: async () => (await import('./status/status.js')).status,
  suspend: async () => (await import('./supervise/supervise.js')).suspend,
  terminate: async () => (await import('./supervise/supervise.js')).terminate,
  validate: async () => (await import('./validate/validate.js')).validate,
};

const help = `Usage: tranquility COMMAND [OPTIONS]

Commands:
  kafka         Send the records of Kafka topics to Druid.
  kinesis       Send the records of Kinesis streams to Druid.
  push          Send events from files or standard input to Druid.
  reindex-spec  Print the task that overwrites an interval from an archive.
  resume        Let Druid read on from us, after "suspend".
  sandbox       Run an embedded Druid for development and demos.
  server        Take events by HTTP and send them to Druid.
  status        Show the lanes, tasks and supervisors of a config's dataSources, and the workers.
  suspend       Let Druid publish what it has read from us, and read no more.
  terminate     End the supervisors by which Druid reads from us.
  validate      Check a config file, and with --probe its servers.

"tranquility COMMAND --help" tells more of each; "tranquility --version" the version.
`;

/** Runs the command line, and turns whatever goes wrong into a message and an exit code. */
export async function run(args: readonly string[], environment: Environment): Promise<number> {
  const outputs = new Outputs(args[0] ?? '', environment.terminal);
  return outputs.exitCodeFor(await runCommand(args, { ...environment, lasts: outputs.lasts }));
}

async function runCommand(args: readonly string[], environment: CommandEnvironment): Promise<number> {
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

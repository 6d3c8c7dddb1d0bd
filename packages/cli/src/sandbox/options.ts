import { parseArgs } from 'node:util';
import type { SandboxOptions } from '@tranquility-js/sandbox';
import { UsageError } from '../usage-error.js';

export const sandboxHelp = `Usage: tranquility sandbox [OPTIONS]

Runs an embedded Druid until Ctrl-C: overlord, realtime and append tasks, SQL over what arrived. Nothing is kept.

Options:
  --port N              Where overlord, coordinator, broker and router listen. Default: a free port.
  --host HOST           On which address. Default: 127.0.0.1.
  --druid-version V     The version of Druid that it passes for. Default: 28.0.0; from 31 on without realtime tasks.
  --overlords N         How many overlords, of which one leads. Default: 1.
  --workers N,N...      How many tasks each worker runs at the same time. Default: 10,10.
  --task-start MS       How long a task takes to start, in milliseconds. Default: 0.
  --seed N              Makes chances of faults the same in every run. Default: 1.
  --zookeeper CONNECT   Announce overlord and tasks in this ZooKeeper, below /druid/discovery.
  --json                Print the addresses as one line of JSON once it listens.
  --help                Show this.
`;

const options = {
  port: { type: 'string' },
  host: { type: 'string' },
  'druid-version': { type: 'string' },
  overlords: { type: 'string' },
  workers: { type: 'string' },
  'task-start': { type: 'string' },
  seed: { type: 'string' },
  zookeeper: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads the arguments of `sandbox`.
 * @returns `'help'` when the user asks for it.
 * @throws UsageError
 */
export function readSandboxOptions(
  args: readonly string[],
): { readonly sandbox: SandboxOptions; readonly json: boolean } | 'help' {
  const values = parse(args);
  if (values.help === true) return 'help';
  const { port, host, overlords, workers, seed, zookeeper } = values;
  const [version, taskStart] = [values['druid-version'], values['task-start']];
  return {
    sandbox: {
      ...(port === undefined ? {} : { port: whole('--port', port) }),
      ...(host === undefined ? {} : { host }),
      ...(version === undefined ? {} : { version }),
      ...(overlords === undefined ? {} : { overlords: whole('--overlords', overlords) }),
      ...(workers === undefined ? {} : { workers: workers.split(',').map((text) => whole('--workers', text)) }),
      ...(taskStart === undefined ? {} : { taskStartMillis: whole('--task-start', taskStart) }),
      ...(seed === undefined ? {} : { seed: whole('--seed', seed) }),
      ...(zookeeper === undefined ? {} : { zookeeper: { connect: zookeeper } }),
    },
    json: values.json === true,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new UsageError(`${String(message)}. "tranquility sandbox --help" shows all options.`);
  }
}

function whole(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`${name} ${text}: expected a whole number.`);
}

import { parseArgs } from 'node:util';
import { defaults } from './options.js';
import type { ClusterOptions } from './options.js';

/** What the command line asks for. */
export interface Arguments {
  readonly help: boolean;
  readonly options: ClusterOptions;
  /** The process with which the cluster ends; undefined: the one that started us. */
  readonly parent?: number;
}

const known = {
  druid: { type: 'string' },
  worker: { type: 'string' },
  'second-worker': { type: 'boolean' },
  'worker-capacity': { type: 'string' },
  kafka: { type: 'string' },
  'kafka-extension': { type: 'boolean' },
  peer: { type: 'boolean' },
  directory: { type: 'string' },
  keep: { type: 'boolean' },
  'no-archive': { type: 'boolean' },
  parent: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** The text of `--help`. */
export const help = `Starts ZooKeeper, Druid and, if asked, Kafka on free ports of 127.0.0.1, and prints where they listen as one line of JSON.
They run until SIGINT, SIGTERM, or the end of the process that started this one.

  npm run cluster -- [options]

  --druid VERSION        the version of Druid, or "none"; default ${defaults.druid}, 33.0.0 is proved too
  --worker KIND          middleManager (default) or indexer: who runs Druid's tasks
  --second-worker        two middle managers: the replicas of a task run on different ones
  --worker-capacity N    how many tasks run at the same time on each worker; default ${defaults.workerCapacity}
  --kafka [VERSION]      Kafka too; without a version ${defaults.kafka}, 3.9.1 is proved too
  --kafka-extension      load Druid's Kafka extension (33.0.0), for a Druid that reads from us
  --peer                 resolve and compile the JVM Tranquility 0.8.3, so that it is in the cache
  --directory PATH       where logs, configuration and data go, and stay; default a temporary directory, which is removed
  --keep                 leave the temporary directory
  --no-archive           do not make or use the archives of classes that make starts quick
  --parent PID           run until that process has ended, instead of the one that started this
  --help                 print this
`;

/**
 * Reads the command line.
 *
 * @throws Error when an option is unknown or its value makes no sense.
 */
export function readArguments(args: readonly string[]): Arguments {
  const { values } = parse(withKafkaVersion(args));
  const { worker } = values;
  if (worker !== undefined && worker !== 'middleManager' && worker !== 'indexer') {
    throw new Error(`--worker must be middleManager or indexer, not '${worker}'.`);
  }
  const capacity = values['worker-capacity'];
  return {
    help: values.help ?? false,
    options: {
      ...(values.druid !== undefined && { druid: values.druid === 'none' ? false : values.druid }),
      ...(worker !== undefined && { worker }),
      ...(capacity !== undefined && { workerCapacity: positive('--worker-capacity', capacity) }),
      ...(values.kafka !== undefined && { kafka: values.kafka }),
      ...(values.directory !== undefined && { directory: values.directory }),
      kafkaExtension: values['kafka-extension'] ?? false,
      secondWorker: values['second-worker'] ?? false,
      peer: values.peer ?? false,
      keep: values.keep ?? false,
      archive: values['no-archive'] !== true,
    },
    ...(values.parent !== undefined && { parent: positive('--parent', values.parent) }),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: known, strict: true, allowPositionals: false });
  } catch (error) {
    const names = Object.keys(known).map((name) => `--${name}`);
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${message}\nKnown options: ${names.join(', ')}.`, { cause: error });
  }
}

/** `--kafka` may stand without a value, which parseArgs has no notion of. */
function withKafkaVersion(args: readonly string[]): string[] {
  return args.map((argument, index) => {
    const next = args[index + 1];
    return argument === '--kafka' && (next === undefined || next.startsWith('-'))
      ? `--kafka=${defaults.kafka}`
      : argument;
  });
}

function positive(option: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`${option} must be a whole number from 1, not '${text}'.`);
}

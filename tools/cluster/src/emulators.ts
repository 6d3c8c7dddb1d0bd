import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cacheDirectory } from './cache.js';
import type { Context } from './context.js';
import { describeExit, GuardedProcess } from './guarded-process.js';
import { resolveJars } from './jars.js';
import { quickStart } from './java.js';
import { withLogTail } from './log-tail.js';
import { freePorts, releasePorts } from '@tranquility-js/ports';
import { Warden } from './warden.js';

/** What stands in for a service of AWS's. */
export type EmulatorName =
  /** Kinesis as it behaves, for few records. */
  | 'kinesis-local'
  /** Kinesis for many records; it can split and merge no shards. */
  | 'kinesalite'
  /** DynamoDB; it knows no transactions. */
  | 'dynalite'
  /** DynamoDB as AWS itself emulates it, in Java: Maven brings its jars the first time. */
  | 'dynamodb-local';

/** One that runs, on a free port of 127.0.0.1, until it is stopped or this process ends. */
export interface Emulator extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  stop(): Promise<void>;
}

const startTimeoutMillis = 60_000;
const require = createRequire(import.meta.url);
const loopback = fileURLToPath(new URL('loopback.cjs', import.meta.url));
const loopbackTables = fileURLToPath(new URL('../java/LoopbackTables.java', import.meta.url));

/**
 * Starts one.
 * @throws (as a rejection) Error with the end of its log, when it ends or does not listen in time.
 */
export async function startEmulator(name: EmulatorName): Promise<Emulator> {
  const directory = await mkdtemp(join(tmpdir(), `tranquility-${name}-`));
  const warden = await Warden.start();
  await warden.remove(directory);
  const ports = await freePorts(2);
  const [port = 0, other = 0] = ports;
  const logFile = join(directory, 'log');
  let running: GuardedProcess | undefined;
  const stop = async (): Promise<void> => {
    await running?.killGroup();
    await warden.close();
    await rm(directory, { recursive: true, force: true });
    releasePorts(ports);
  };
  try {
    running = await GuardedProcess.start(warden, {
      command: 'env',
      args: await commands[name]({ port, other, directory, warden }),
      directory,
      logFile,
    });
    const deadline = Date.now() + startTimeoutMillis;
    while (!(await listens(port))) {
      if (running.exit !== undefined) throw new Error(`${name} has ended: ${describeExit(running.exit)}`);
      if (Date.now() > deadline) throw new Error(`${name} does not listen on ${port} after a minute.`);
      await sleep(25);
    }
  } catch (error) {
    const told = withLogTail((error as Error).message, logFile);
    await stop();
    throw new Error(told, { cause: error });
  }
  return { url: `http://127.0.0.1:${port}`, stop, [Symbol.asyncDispose]: stop };
}

interface Where extends Pick<Context, 'directory' | 'warden'> {
  readonly port: number;
  /** Another port, for one that listens on two. */
  readonly other: number;
}

const soon = '100ms';

const script = (code: string): string[] => [process.execPath, '-e', code];

/** How each is run: variables of its environment, and its command. */
const commands: Readonly<Record<EmulatorName, (where: Where) => string[] | Promise<string[]>>> = {
  'kinesis-local': ({ port, other }) => {
    const main = join(dirname(require.resolve('kinesis-local/package.json')), 'main.js');
    return [
      `KINESIS_MOCK_CERT_PATH=${join(dirname(main), 'server.json')}`,
      `KINESIS_MOCK_PLAIN_PORT=${port}`,
      `KINESIS_MOCK_TLS_PORT=${other}`,
      'SHARD_LIMIT=100',
      ...['CREATE_STREAM', 'DELETE_STREAM', 'SPLIT_SHARD', 'MERGE_SHARDS', 'REGISTER_STREAM_CONSUMER'].map(
        (what) => `${what}_DURATION=${soon}`,
      ),
      ...[process.execPath, '-r', loopback, main],
    ];
  },
  kinesalite: ({ port }) =>
    script(
      `require(${JSON.stringify(require.resolve('kinesalite'))})({ createStreamMs: 100, deleteStreamMs: 100, shardLimit: 100 }).listen(${port}, '127.0.0.1')`,
    ),
  dynalite: ({ port }) =>
    script(
      `require(${JSON.stringify(require.resolve('dynalite'))})({ createTableMs: 50, deleteTableMs: 50 }).listen(${port}, '127.0.0.1')`,
    ),
  'dynamodb-local': async ({ port, directory, warden }) => {
    const { signal } = new AbortController();
    const context = { directory, warden, signal, cache: cacheDirectory(), log: (): void => undefined };
    const jars = await resolveJars(context, { name: 'dynamodb-local', version: '2.6.1', property: 'dynamodb.version' });
    const flags = ['-Xmx256m', ...quickStart, `-Djava.library.path=${jars.directory}`];
    const options = ['-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port)];
    return ['java', ...flags, '-cp', join(jars.directory, '*'), loopbackTables, ...options];
  },
};

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

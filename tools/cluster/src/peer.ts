import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeOnce } from './cache.js';
import type { Context } from './context.js';
import { resolveJars } from './jars.js';
import { runTool } from './java.js';
import { withLogTail } from './log-tail.js';
import { runToEnd } from './run-to-end.js';

const version = '0.8.3';
const source = fileURLToPath(new URL('../java/Peer.java', import.meta.url));

// What Tranquility 0.8.3 of 2018 reaches into, and Java 17 keeps shut.
const opens = ['java.lang', 'java.util', 'java.nio', 'sun.nio.ch'].map(
  (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
);

/** What to send with the JVM Tranquility. */
export interface PeerPush {
  /** What a Tranquility configuration file holds: `dataSources` and `properties`, `zookeeper.connect` among them. */
  readonly config: object;
  /** Which of the data sources to send to. */
  readonly dataSource: string;
  /** The events, or the path of a file that holds one JSON object a line. */
  readonly events: readonly object[] | string;
  /** Milliseconds after which it is given up. Default 180,000: the task's start is waited for. */
  readonly timeoutMillis?: number;
}

/** What became of the events. The three numbers add up to the number of events. */
export interface PeerResult {
  /** Acknowledged by Druid. */
  readonly sent: number;
  /** Dropped by Tranquility, for instance outside of the window period. */
  readonly dropped: number;
  /** Failed in another way. */
  readonly failed: number;
  /** The last failure in words; null without one. */
  readonly error: string | null;
}

/** The JVM Tranquility, ready to run. */
export interface Peer {
  readonly classPath: string;
}

/**
 * Resolves Tranquility and compiles the program that sends with it, both once.
 *
 * @throws Error when there is no `javac`, or with its output.
 */
export async function preparePeer(context: Context): Promise<Peer> {
  const jars = await resolveJars(context, { name: 'tranquility', version, property: 'tranquility.version' });
  const jarPath = jars.files.join(':');
  const hash = createHash('sha256')
    .update(await readFile(source))
    .digest('hex')
    .slice(0, 12);
  const classes = join(context.cache, `tranquility-${version}-peer-${hash}`);
  await makeOnce(context, classes, async (temporary) => {
    await runTool('javac', ['-version'], 'Install a JDK 17: a Java runtime alone cannot compile the peer.');
    await mkdir(temporary);
    await runToEnd(context, {
      command: 'javac',
      args: ['--release', '17', '-cp', jarPath, '-d', temporary, source],
      directory: context.directory,
      logFile: join(context.directory, 'javac.log'),
    });
  });
  return { classPath: `${jarPath}:${classes}` };
}

/** Sends the events, and returns what became of them. */
export async function runPeer(context: Context, peer: Peer, push: PeerPush): Promise<PeerResult> {
  const directory = join(context.directory, 'peer', randomUUID());
  await mkdir(directory, { recursive: true });
  const config = join(directory, 'config.json');
  await writeFile(config, JSON.stringify(push.config));
  const events = typeof push.events === 'string' ? push.events : join(directory, 'events.ndjson');
  if (typeof push.events !== 'string') {
    await writeFile(events, push.events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  }
  const outputFile = join(directory, 'result.json');
  const logFile = join(directory, 'peer.log');
  const timeoutMillis = push.timeoutMillis ?? 180_000;
  const timeout = AbortSignal.timeout(timeoutMillis);
  try {
    await runToEnd(
      { ...context, signal: AbortSignal.any([context.signal, timeout]) },
      {
        command: 'java',
        args: [
          ...['-Xmx1g', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', `-Djava.io.tmpdir=${directory}`, ...opens],
          ...['-Dorg.slf4j.simpleLogger.defaultLogLevel=info', '-Dorg.slf4j.simpleLogger.showDateTime=true'],
          ...['-cp', peer.classPath, 'Peer', config, push.dataSource, events],
        ],
        directory,
        logFile,
        outputFile,
      },
    );
  } catch (error) {
    if (!timeout.aborted) throw error;
    throw new Error(withLogTail(`The peer had not flushed after ${timeoutMillis / 1000} s.`, logFile), {
      cause: error,
    });
  }
  return JSON.parse(await readFile(outputFile, 'utf8')) as PeerResult;
}

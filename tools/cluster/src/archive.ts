import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeOnce } from './cache.js';
import type { Context } from './context.js';
import type { Java } from './java.js';
import { launch } from './launch.js';
import type { ClassSharing, Launched } from './launch.js';
import type { Plan } from './options.js';
import type { Parts } from './parts.js';
import { runToEnd } from './run-to-end.js';
import { runTrainingTask } from './training-task.js';

const trainingTimeoutMillis = 120_000;

type Archived = 'druid' | 'kafka';

/** No archive: every JVM loads its classes from the jars. */
export const noClassSharing: ClassSharing = () => [];

/**
 * Sees to it that there are archives of the classes of a plan's servers (AppCDS), and returns the flags that use them.
 * An archive is one for all servers and peons of a version, made from the lists of the classes that each of them loaded
 * in a training run. Without an archive all works, only slower: a failure is reported and nothing more.
 */
export async function ensureArchives(context: Context, plan: Plan, parts: Parts, java: Java): Promise<ClassSharing> {
  const flags: Record<Archived, readonly string[]> = { druid: [], kafka: [] };
  for (const name of ['druid', 'kafka'] as const) {
    const part = parts[name];
    if (part === undefined) continue;
    const archive = join(context.cache, `${name}-${part.version}-${java.key}.jsa`);
    try {
      if (!existsSync(archive)) await makeArchive(context, plan, onlyOf(parts, name), archive);
      flags[name] = ['-Xshare:auto', `-XX:SharedArchiveFile=${archive}`];
    } catch (error) {
      context.signal.throwIfAborted();
      context.log(`Goes on without an archive of ${name}'s classes: ${String(error)}`);
    }
  }
  return (name) => (name === 'zookeeper' ? [] : name === 'kafka' ? flags.kafka : flags.druid);
}

/** The parts that a training run starts: with an archive of one part only that part and ZooKeeper. */
function onlyOf(parts: Parts, name: Archived): Parts {
  const { zookeeper } = parts;
  if (name === 'druid') return parts.druid === undefined ? { zookeeper } : { zookeeper, druid: parts.druid };
  return parts.kafka === undefined ? { zookeeper } : { zookeeper, kafka: parts.kafka };
}

async function makeArchive(context: Context, plan: Plan, parts: Parts, archive: string): Promise<void> {
  const part = parts.druid ?? parts.kafka;
  if (part === undefined) return;
  context.log(`Making an archive of classes, ${archive}, this once: it takes a minute or two`);
  const training = { ...context, directory: join(context.directory, 'training'), log: () => undefined };
  const lists = join(training.directory, 'classes');
  await mkdir(lists, { recursive: true });
  await train(training, plan, parts, (name) => [`-XX:DumpLoadedClassList=${join(lists, name)}`]);
  const merged = join(training.directory, 'classes.txt');
  await writeFile(merged, await mergeLists(lists));
  await makeOnce(context, archive, (temporary) =>
    runToEnd(context, {
      command: 'java',
      args: [
        ...['-Xshare:dump', `-XX:SharedClassListFile=${merged}`, `-XX:SharedArchiveFile=${temporary}`],
        ...[`-Djava.io.tmpdir=${training.directory}`, '-cp', part.jars.files.join(':')],
      ],
      directory: training.directory,
      logFile: join(training.directory, 'archive.log'),
    }),
  );
  await rm(training.directory, { recursive: true, force: true });
}

/** Starts the servers once, and runs a task where there is Druid. */
async function train(context: Context, plan: Plan, parts: Parts, classSharing: ClassSharing): Promise<void> {
  const launched: Launched = await launch(
    context,
    { ...plan, worker: 'middleManager', secondWorker: false, startTimeoutMillis: trainingTimeoutMillis },
    parts,
    classSharing,
  );
  try {
    const router = launched.servers.get('router');
    if (router !== undefined) await runTrainingTask(router.address, context.signal);
  } finally {
    await Promise.all([...launched.servers.values()].map((server) => server.killGroups()));
  }
}

/** The JVM writes its list while it runs: of a killed one the last line may be cut, and is left out. */
async function mergeLists(directory: string): Promise<string> {
  const lines = new Set<string>();
  for (const name of await readdir(directory)) {
    const text = await readFile(join(directory, name), 'utf8');
    for (const line of text.slice(0, text.lastIndexOf('\n')).split('\n')) lines.add(line);
  }
  return [...lines, ''].join('\n');
}

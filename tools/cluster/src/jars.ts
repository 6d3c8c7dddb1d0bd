import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeOnce } from './cache.js';
import type { Context } from './context.js';
import { runTool } from './java.js';
import { runToEnd } from './run-to-end.js';

const copyDependencies = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.0:copy-dependencies';

/** A set of jars: the dependencies of one of our poms at one version. */
export interface JarSet {
  /** The name of the pom in `poms`, without its ending. */
  readonly name: string;
  readonly version: string;
  /** The property of the pom that holds the version. */
  readonly property: string;
}

/** Jars on disk. */
export interface Jars {
  readonly directory: string;
  /** Absolute paths, sorted: a class archive is valid for one order of the class path only. */
  readonly files: readonly string[];
}

/**
 * Resolves jars with Maven, once: later calls find them in the cache.
 *
 * @throws Error when there is no `mvn`, or with the end of Maven's output when it fails.
 */
export async function resolveJars(context: Context, set: JarSet): Promise<Jars> {
  const directory = join(context.cache, `${set.name}-${set.version}`);
  if (!existsSync(directory)) {
    await runTool('mvn', ['-version'], 'Install Apache Maven 3.6 or later: it resolves the jars of the servers.');
    context.log(`Resolving the jars of ${set.name} ${set.version} with Maven, this once`);
    await makeOnce(context, directory, async (temporary) => {
      await mkdir(temporary);
      await runToEnd(context, {
        command: 'mvn',
        args: [
          ...['-q', '-B', '-f', fileURLToPath(new URL(`../poms/${set.name}.xml`, import.meta.url))],
          ...[`-D${set.property}=${set.version}`, copyDependencies],
          ...['-DincludeScope=runtime', `-DoutputDirectory=${temporary}`],
        ],
        directory: context.directory,
        logFile: join(context.directory, `maven-${set.name}.log`),
      });
    });
  }
  return jarsIn(directory);
}

/** The jars that lie in a directory. */
export async function jarsIn(directory: string): Promise<Jars> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.jar')).sort();
  if (names.length === 0) throw new Error(`There is no jar in ${directory}. Remove the directory and try again.`);
  return { directory, files: names.map((name) => join(directory, name)) };
}

/** Of these jars those whose file name begins with one of the prefixes, for instance `zookeeper-`. */
export function pickJars(jars: Jars, prefixes: readonly string[]): string[] {
  return jars.files.filter((file) =>
    prefixes.some((prefix) => file.slice(jars.directory.length + 1).startsWith(prefix)),
  );
}

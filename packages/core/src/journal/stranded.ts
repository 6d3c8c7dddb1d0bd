import { join, resolve } from 'node:path';
import type { Config } from '../config/config.js';
import { show } from '../spec/problems.js';
import { systemFiles, type FileSystem } from './file-system.js';
import { partitionOf, within } from './journal.js';

/**
 * Tells of events in the journals of a config for dataSources that it does not name, as one was renamed or taken out: nobody hands them on.
 * @returns a warning for each such dataSource. What cannot be read is told when the journal is opened.
 */
export async function strandedEvents(
  { dataSources }: Pick<Config, 'dataSources'>,
  files: FileSystem = systemFiles,
): Promise<readonly string[]> {
  const roots = new Set([...dataSources.values()].map(({ properties }) => resolve(properties['journal.directory'])));
  const warnings: string[] = [];
  for (const directory of [...roots].flatMap((root) => [
    root,
    ...Object.values(within).map((name) => join(root, name)),
  ])) {
    const topics = new Set<string>();
    for (const { topic, folder } of await partitionsIn(files, directory)) {
      if (!dataSources.has(topic) && (await hasRows(files, folder))) topics.add(topic);
    }
    for (const topic of topics) warnings.push(warningOf(directory, topic));
  }
  return warnings;
}

const warningOf = (directory: string, topic: string): string =>
  `The journal in ${directory} has events of ${show(topic)}, which is not in the config: nobody sees to it that Druid gets those that it does not have yet. Put it back until it has them; or, when they are not wanted, stop and remove the folders ${encodeURIComponent(topic)}-0 and so on.`;

async function partitionsIn(files: FileSystem, directory: string): Promise<{ topic: string; folder: string }[]> {
  const names = await files.readdir(directory).catch(() => []);
  return names.flatMap((name) => {
    const known = partitionOf(name);
    return known === undefined ? [] : [{ topic: known.topic, folder: join(directory, name) }];
  });
}

async function hasRows(files: FileSystem, folder: string): Promise<boolean> {
  const names = await files.readdir(folder).catch(() => []);
  const sizes = names
    .filter((name) => name.endsWith('.log'))
    .map((name) =>
      files.stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).some((size) => size > 0);
}

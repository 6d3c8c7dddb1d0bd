import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.js';
import { strandedEvents } from '../../src/journal/stranded.js';
import { flights } from '../support/configs.js';
import { batchOf } from './support/batches.js';
import { openJournal, temporaryDirectory } from './support/journals.js';

const configOf = (directory: string) =>
  readConfig(flights({ 'druid.overlord.urls': 'http://localhost:1', 'journal.directory': directory }));

it('tells of events for dataSources that the config does not name, in each of the journals', async () => {
  const directory = await temporaryDirectory();
  for (const [folder, topics] of [
    [directory, ['flights', 'old flights']],
    [join(directory, 'append'), ['flights']],
    [join(directory, 'realtime'), ['trains', 'empty']],
  ] as const) {
    const journal = await openJournal({ directory: folder });
    for (const topic of topics) {
      const logs = await Promise.all([0, 1].map((partition) => journal.log(topic, partition)));
      if (topic !== 'empty') for (const log of logs) await log.append(batchOf(0, 1));
    }
    await journal.close();
  }
  await writeFile(join(directory, 'a file-0'), 'of somebody');
  const warnings = await strandedEvents(configOf(directory));
  expect(warnings).toEqual([
    expect.stringContaining(`The journal in ${directory} has events of "old flights", which is not in the config`),
    expect.stringContaining(`The journal in ${join(directory, 'realtime')} has events of "trains"`),
  ]);
  expect(warnings[0]).toContain('remove the folders old%20flights-0 and so on');
});

it('tells nothing where there is no journal', async () => {
  expect(await strandedEvents(configOf(join(await temporaryDirectory(), 'none')))).toEqual([]);
});

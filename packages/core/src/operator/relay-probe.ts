import type { DataSourceConfig } from '../config/config.js';
import { relayDirectory } from '../relay/relay-settings.js';
import type { Finding } from './finding.js';
import { probeJournal } from './journal-probe.js';

/** Whether the journals can be written in which events wait for realtime tasks: one for all dataSources that share it. */
export async function probeRelays(relayed: readonly DataSourceConfig[]): Promise<readonly Finding[]> {
  const journals = new Map(
    relayed.map(({ properties }) => [relayDirectory(properties['journal.directory']), properties]),
  );
  const looks = await Promise.all([...journals].map(([directory, properties]) => probeJournal(properties, directory)));
  return looks.flatMap(({ findings }) => findings);
}

import { join } from 'node:path';
import type { PropertyValues } from '../config/properties.js';
import { within, type JournalOptions } from '../journal/journal.js';
import { stationSettings } from '../pull/pull-settings.js';
import type { TlsServer } from '../transport/tls-files.js';
import type { RangeLimits } from './row-range.js';
import type { RowServerOptions } from './row-server.js';

/** How batches are kept and served: one for all dataSources that have the same. */
export interface AppendStationSettings {
  readonly journal: Omit<JournalOptions, 'clock' | 'logger'>;
  readonly server: Omit<RowServerOptions, 'logger'>;
}

/** When a batch of a dataSource is closed, and how it gets to Druid. */
export interface AppendSettings {
  /** How far an event is when it is called sent. */
  readonly acknowledge: PropertyValues['append.acknowledge'];
  readonly limits: RangeLimits;
  /** How long the first row of a batch waits for others, in milliseconds. */
  readonly maxAge: number;
  /** Up to how many bytes of rows stand in the task itself. */
  readonly inlineBytes: number;
  /** Where Druid reaches our server; when unset: where it listens, for a Druid on this machine. */
  readonly advertised: { readonly host: string; readonly port: number } | undefined;
  /** The most tasks at a time; when unset: half of what the workers can run. */
  readonly maxTasks: number | undefined;
  /** How long a task waits until its segments can be queried, in milliseconds. */
  readonly awaitAvailability: number;
}

/** Where batches are kept, beside the journal from which Druid pulls: what is in one must not be read from the other too. */
export const appendDirectory = (journal: string): string => join(journal, within.append);

/** @param tls of the server, read from its files. */
export function appendStationSettings(properties: PropertyValues, tls: TlsServer | undefined): AppendStationSettings {
  const { journal } = stationSettings(properties, undefined);
  const [name, password] = [properties['append.endpoint.user'], properties['append.endpoint.password']];
  return {
    journal: { ...journal, directory: appendDirectory(journal.directory) },
    server: {
      host: properties['append.endpoint.host'],
      port: properties['append.endpoint.port'],
      ...(tls === undefined ? {} : { tls }),
      ...(name === undefined || password === undefined ? {} : { user: { name, password } }),
    },
  };
}

export function appendSettings(properties: PropertyValues): AppendSettings {
  return {
    acknowledge: properties['append.acknowledge'],
    limits: { rows: properties['append.maxRows'], bytes: properties['append.maxBytes'] },
    maxAge: properties['append.maxAge'].millis,
    inlineBytes: properties['append.inlineBytes'],
    advertised: properties['append.endpoint.advertised'],
    maxTasks: properties['append.maxTasks'],
    awaitAvailability: properties['append.awaitAvailability'].millis,
  };
}

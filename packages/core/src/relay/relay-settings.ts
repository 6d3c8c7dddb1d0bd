import { join } from 'node:path';
import type { PropertyValues } from '../config/properties.js';
import { within, type JournalOptions } from '../journal/journal.js';
import { stationSettings } from '../pull/pull-settings.js';

/** How the journal before the lane realtime is kept: one for all dataSources that have the same. */
export type RelaySettings = Omit<JournalOptions, 'clock' | 'logger'>;

/** Where events for realtime tasks are kept, beside the journals of the other lanes. */
export const relayDirectory = (journal: string): string => join(journal, within.relay);

export function relaySettings(properties: PropertyValues): RelaySettings {
  const { journal } = stationSettings(properties, undefined);
  // Nobody but us reads from it, so what is delivered need not stay.
  return { ...journal, directory: relayDirectory(journal.directory), reserveMillis: 0 };
}

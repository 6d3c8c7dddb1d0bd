import { resolve } from 'node:path';
import { TranquilityError } from '../errors/tranquility-error.js';
import { Shares } from '../journal/shares.js';
import type { Logger } from '../observe/logger.js';
import type { Clock } from '../time/clock.js';
import { settingsText, type StationSettings } from './pull-settings.js';
import { PullStation } from './pull-station.js';

/** Those of this process, by directory. */
const stations = new Shares<PullStation>(
  (directory) =>
    new TranquilityError(
      'TRQ_CONFIG_INVALID',
      `The journal in ${directory} is in use in this process with other properties of journal or pull.endpoint. Make them the same, or give each its own journal.directory and pull.endpoint.port.`,
      { details: { directory } },
    ),
);

/** A station that others may use too. */
export interface StationShare {
  readonly station: PullStation;
  /** Lets go of it. The last one closes it. */
  readonly release: () => Promise<void>;
}

/**
 * The station of a journal's directory: one for all dataSources of a process.
 * @throws what opening it throws; TRQ_CONFIG_INVALID when others have it with other settings.
 */
export async function shareStation(settings: StationSettings, clock: Clock, logger: Logger): Promise<StationShare> {
  const { shared, release } = await stations.share(resolve(settings.journal.directory), settingsText(settings), () =>
    PullStation.open(settings, clock, logger),
  );
  return { station: shared, release };
}

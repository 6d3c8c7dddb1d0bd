import type { ClientValues } from './read-plan.js';

/** A third of the session, in whole milliseconds: how long something may take during which no sign of life is given. */
export const thirdOf = (client: ClientValues): number => Math.floor(client['kafka.session.timeout.ms'] / 3);

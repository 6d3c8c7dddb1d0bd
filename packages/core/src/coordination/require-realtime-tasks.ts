import type { OverlordClient, Patience } from '../druid/overlord-client.js';
import { oldestWithoutRealtimeTasks, supportsRealtimeTasks } from '../druid/version.js';
import { TranquilityError } from '../errors/tranquility-error.js';

/**
 * Finds the leading overlord and makes sure that it knows realtime tasks.
 * @throws TRQ_OVERLORD_UNREACHABLE, TRQ_DRUID_UNSUPPORTED.
 */
export async function requireRealtimeTasks(overlord: OverlordClient, patience: Patience): Promise<void> {
  const version = await overlord.version(patience);
  if (version === undefined || supportsRealtimeTasks(version)) return;
  throw new TranquilityError(
    'TRQ_DRUID_UNSUPPORTED',
    `This is Druid ${version}. Druid ${oldestWithoutRealtimeTasks} and later have no realtime tasks to push to: remove tranquility.lane, or set it to pull.`,
    { details: { version } },
  );
}

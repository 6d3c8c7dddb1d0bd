import type { OverlordClient, Patience } from '../druid/overlord-client.js';
import { majorOf, oldestWithAppends } from '../druid/version.js';
import { TranquilityError } from '../errors/tranquility-error.js';
import type { Clock } from '../time/clock.js';

/** What is to append: how a message names it, and what to do where Druid cannot. */
export interface Appending {
  readonly what: string;
  readonly remedy: string;
}

export const laneAppend: Appending = { what: 'the lane append', remedy: 'Set tranquility.lane to realtime.' };
export const lateEvents: Appending = {
  what: 'tranquility.lateEvents = append',
  remedy: 'Set it to drop or dead-letter.',
};

/** How long to wait for Druid's word where events can be taken without it, in milliseconds. */
const shortWait = 2_000;

/** @throws TRQ_DRUID_UNSUPPORTED for a Druid that is too old, and as the overlord client does. */
export async function requireAppends(
  overlord: OverlordClient,
  { what, remedy }: Appending,
  patience: Patience,
): Promise<void> {
  const version = await overlord.version(patience);
  if ((majorOf(version) ?? oldestWithAppends) >= oldestWithAppends) return;
  throw new TranquilityError(
    'TRQ_DRUID_UNSUPPORTED',
    `Druid ${String(version)} is too old for ${what}: it needs ${oldestWithAppends} or later. ${remedy}`,
    { details: { version } },
  );
}

/** The same where a journal takes events though Druid is away. @throws TRQ_DRUID_UNSUPPORTED if Druid says now that it is too old. */
export async function requireAppendsIfThere(
  overlord: OverlordClient,
  appending: Appending,
  clock: Clock,
): Promise<void> {
  try {
    await requireAppends(overlord, appending, { clock, deadline: 0, signal: AbortSignal.timeout(shortWait) });
  } catch (error) {
    if (error instanceof TranquilityError && error.code === 'TRQ_DRUID_UNSUPPORTED') throw error;
  }
}

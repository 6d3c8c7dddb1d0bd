import type { DataSourceConfig } from '../config/config.js';
import { appendDirectory } from '../append/append-settings.js';
import { serverText } from '../config/connect-string.js';
import type { PropertyValues } from '../config/properties.js';
import { isOnThisMachine } from '../druid/on-this-machine.js';
import type { OverlordClient, Patience } from '../druid/overlord-client.js';
import { supportsRealtimeTasks } from '../druid/version.js';
import { journalHolds } from '../journal/journal.js';
import { messageOf } from '../errors/tranquility-error.js';
import type { Logger } from '../observe/logger.js';
import type { Clock } from '../time/clock.js';

/** A way in which events get into Druid. */
export type Lane = 'realtime' | 'pull' | 'append';

export interface LaneChoice {
  readonly lane: Lane;
  /** As a sentence: why this one. */
  readonly reason: string;
}

/** How long to wait for Druid's word where a journal is there that goes without, in milliseconds. */
const shortWait = 2_000;

/**
 * The lane that the config names; `undefined` where Druid is to be asked at the first event. With events in the journal it is asked
 * now, but not waited for: the journal takes more of them meanwhile.
 */
export async function knownLane(
  { dataSource, properties }: DataSourceConfig,
  overlord: OverlordClient,
  clock: Clock,
  logger: Logger,
): Promise<LaneChoice | undefined> {
  const named = properties['tranquility.lane'];
  if (named !== 'auto') return byName(named);
  const directory = properties['journal.directory'];
  const isPulled = properties['pull.source'] === 'journal' && (await journalHolds(directory, dataSource));
  const isAppended =
    properties['tranquility.lateEvents'] !== 'append' && (await journalHolds(appendDirectory(directory), dataSource));
  if (!isPulled && !isAppended) return undefined;
  try {
    const patience = { clock, deadline: 0, signal: AbortSignal.timeout(shortWait) };
    const choice = await askForLane(properties, overlord, patience);
    if (isPulled && choice.lane !== 'pull') {
      const remedy = 'To have them read, set tranquility.lane to pull; to have done with them, remove them.';
      logger.warn(`The journal in ${directory} has events of ${dataSource}, which nobody reads now. ${remedy}`);
    }
    return choice;
  } catch (error) {
    const why = `Druid does not say otherwise: ${messageOf(error)}`;
    const [lane, where] = isPulled ? (['pull', directory] as const) : (['append', appendDirectory(directory)] as const);
    return { lane, reason: `The journal in ${where} has events of it, and ${why}` };
  }
}

/**
 * The lane that this Druid can serve.
 * @throws TRQ_OVERLORD_UNREACHABLE, TRQ_OVERLORD_REFUSED.
 */
export async function askForLane(
  properties: PropertyValues,
  overlord: OverlordClient,
  patience: Patience,
): Promise<LaneChoice> {
  const { version, readsKafka } = await overlord.about(patience);
  if (version === undefined) return { lane: 'realtime', reason: 'Druid does not tell its version.' };
  if (supportsRealtimeTasks(version)) return { lane: 'realtime', reason: `Druid ${version} has realtime tasks.` };
  const without = `Druid ${version} has no realtime tasks`;
  if (readsKafka === false) {
    return { lane: 'append', reason: `${without}, and does not load its Kafka extension.` };
  }
  if (!(await mayReach(properties, overlord, patience))) {
    const remedy = 'To have it read from us, set pull.endpoint.host and pull.endpoint.advertised.';
    return { lane: 'append', reason: `${without}, runs elsewhere, and is not told where it reaches us. ${remedy}` };
  }
  return { lane: 'pull', reason: `${without}, and reads from us.` };
}

/** Whether Druid can reach the endpoint from which it would read, as far as the config tells. */
async function mayReach(properties: PropertyValues, overlord: OverlordClient, patience: Patience): Promise<boolean> {
  if (properties['pull.source'] === 'kafka' || properties['pull.endpoint.advertised'] !== undefined) return true;
  if (properties['pull.endpoint.nodes'] !== undefined) return true;
  if (!isOnThisMachine(`http://${serverText({ host: properties['pull.endpoint.host'], port: 80 })}`)) return true;
  return isOnThisMachine(await overlord.leader(patience));
}

/**
 * The lane of a dataSource on this Druid, whatever a journal holds.
 * @throws as `askForLane` does.
 */
export async function laneFor(
  { properties }: DataSourceConfig,
  overlord: OverlordClient,
  patience: Patience,
): Promise<LaneChoice> {
  const named = properties['tranquility.lane'];
  return named === 'auto' ? askForLane(properties, overlord, patience) : byName(named);
}

const byName = (lane: Lane): LaneChoice => ({ lane, reason: `tranquility.lane is ${lane}.` });

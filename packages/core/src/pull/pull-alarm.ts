import type { PartitionLog } from '../journal/partition-log.js';
import type { PartitionReading } from './fetch-ledger.js';
import type { SupervisorStatus } from './supervisor-status.js';

/** What can be wrong with Druid's reading, or appending. Druid itself calls itself healthy with most of it. */
export type PullAlarmReason =
  | 'behind'
  | 'beyond-end'
  | 'conflict'
  | 'failing'
  | 'gap'
  | 'lost-journal'
  | 'missing'
  | 'not-reading'
  | 'stuck'
  | 'suspended'
  | 'unreachable'
  | 'waiting';

/** Something that is wrong, and what to do about it. */
export interface PullAlarm {
  readonly reason: PullAlarmReason;
  readonly message: string;
  /** The partition that it is about, where it is about one. */
  readonly partition?: number;
}

/** One look at a partition that we serve. */
export interface PartitionLook {
  readonly index: number;
  /** The offset behind the last durable record. */
  readonly endOffset: number;
  /** How many events there are that no reader has come to; 0 when there was no reader yet. */
  readonly unread: number;
  /** Since when there has been something in the log that nobody has asked for, epoch milliseconds; `undefined` when all was. */
  readonly unreadSince: number | undefined;
  /** Since when Druid's own offset has stood still below the end, though it asks; `undefined` when it moves or is at the end. */
  readonly stuckSince: number | undefined;
  readonly reading: PartitionReading | undefined;
}

/** One look at a dataSource. */
export interface PullLook {
  /** Epoch milliseconds. */
  readonly now: number;
  /** What the overlord says: no answer, no supervisor, or its status. */
  readonly supervisor: { readonly failure: string } | SupervisorStatus | undefined;
  readonly partitions: readonly PartitionLook[];
  /** Where we serve. */
  readonly address: string;
}

/** From when on something is wrong. */
export interface PullTolerance {
  /** How long, in milliseconds, something may be there that nobody asks for. Default 2 minutes: tasks need time to start. */
  readonly unread: number;
  /** How long, in milliseconds, Druid's offset may stand still below the end. Default 5 minutes. */
  readonly stuck: number;
  /** How many events Druid may be behind. Default 10 million. */
  readonly behind: number;
}

export const defaultTolerance: PullTolerance = { unread: 120_000, stuck: 300_000, behind: 10_000_000 };

/** For when a journal that is new goes on in the place of another, whose disk was lost. */
export function lostJournal(
  dataSource: string,
  replaced: string,
  logs: ReadonlyMap<number, Pick<PartitionLog, 'startOffset'>>,
): PullAlarm {
  const ends = [...logs].map(([index, { startOffset }]) => `${startOffset} in partition ${index}`).join(', ');
  return alarm(
    'lost-journal',
    `Druid read ${dataSource} at this address from another journal (${replaced}); this one is new and goes on in its place. Events of the other that Druid had not published are lost: all from Druid’s place up to offset ${ends}. Look why the journal was lost, and send them again if you have them.`,
  );
}

/** All that is wrong, the worst first. */
export function judgePull(dataSource: string, look: PullLook, tolerance: PullTolerance): readonly PullAlarm[] {
  const { supervisor, partitions } = look;
  if (supervisor === undefined) {
    return [
      alarm(
        'missing',
        `${dataSource} has no supervisor any more: nobody reads its events, which wait in the journal. Send an event, or start again: then it is created again and goes on where it was.`,
      ),
    ];
  }
  const found = partitions.flatMap((partition) =>
    judgePartition(dataSource, look, partition, tolerance).map((found) => ({ ...found, partition: partition.index })),
  );
  if ('failure' in supervisor) {
    const message = `The overlord does not say how ${dataSource} is read: ${supervisor.failure}. Events wait in the journal meanwhile.`;
    return [alarm('unreachable', message), ...found];
  }
  return [...judgeSupervisor(dataSource, supervisor, partitions), ...found];
}

export function judgeSupervisor(
  dataSource: string,
  { state, detailedState, healthy, errors, currentOffsets }: SupervisorStatus,
  partitions: readonly PartitionLook[],
): readonly PullAlarm[] {
  const alarms = partitions.flatMap(({ index, endOffset }) => {
    const offset = currentOffsets.get(index) ?? 0;
    return offset > endOffset ? [{ ...beyondEnd(dataSource, index, offset, endOffset), partition: index }] : [];
  });
  if (state === 'SUSPENDED') {
    const message = `The supervisor of ${dataSource} is suspended: events wait in the journal. Resume it, by the command or in Druid’s console.`;
    return [...alarms, alarm('suspended', message)];
  }
  if (healthy) return alarms;
  const why = errors[0] ?? 'it gives no reason';
  const message = `The supervisor of ${dataSource} is ${state} (${detailedState}): ${why}. Look into the overlord’s log and those of its tasks.`;
  return [...alarms, alarm('failing', message)];
}

function judgePartition(
  dataSource: string,
  { now, address, supervisor }: PullLook,
  { index, endOffset, unread, unreadSince, stuckSince, reading }: PartitionLook,
  tolerance: PullTolerance,
): readonly PullAlarm[] {
  const alarms: PullAlarm[] = [];
  const where = `partition ${index} of ${dataSource}`;
  const isSuspended = supervisor !== undefined && 'state' in supervisor && supervisor.state === 'SUSPENDED';
  const last = reading?.gaps.at(-1);
  if (reading !== undefined && reading.offset > endOffset) {
    alarms.push(beyondEnd(dataSource, index, reading.offset, endOffset));
  }
  if (last !== undefined) {
    alarms.push(
      alarm(
        'gap',
        `Druid was served over a gap in ${where}, from offset ${last.from} to ${last.to}. Events in it that Druid had not published are lost. Look why the log was lost or cut.`,
      ),
    );
  }
  if (!isSuspended && unreadSince !== undefined && now - unreadSince > tolerance.unread) {
    alarms.push(
      alarm(
        'not-reading',
        `Events of ${where} have waited for ${seconds(now - unreadSince)}, and nobody has asked for them. Check that Druid’s overlord and workers reach ${address}, that workers have free slots, and the tasks’ logs.`,
      ),
    );
  } else if (!isSuspended && stuckSince !== undefined && now - stuckSince > tolerance.stuck) {
    alarms.push(
      alarm(
        'stuck',
        `Druid asks for ${where}, but has not got any further for ${seconds(now - stuckSince)}. Look into its tasks’ logs: they may fail again and again, or refuse the events.`,
      ),
    );
  }
  if (unread > tolerance.behind) {
    alarms.push(
      alarm(
        'behind',
        `Druid is ${unread} events behind in ${where}. Give it more tasks (task.partitions), or more room for them.`,
      ),
    );
  }
  return alarms;
}

function beyondEnd(dataSource: string, index: number, offset: number, endOffset: number): PullAlarm {
  return alarm(
    'beyond-end',
    `Druid stands at offset ${offset} of partition ${index} of ${dataSource}, but the log ends at ${endOffset}: it was put back from a copy, has lost its end, or belongs to another dataSource or node. Druid does not read what has an offset below its place. Events from now on get offsets above it.`,
  );
}

const alarm = (reason: PullAlarmReason, message: string): PullAlarm => ({ reason, message });

const seconds = (millis: number): string => `${Math.round(millis / 1_000)} s`;

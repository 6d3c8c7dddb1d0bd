import type { CounterSnapshot, Lane, Undelivered } from '@tranquility-js/core';
import type { Messages } from '../terminal.js';

/** What `push` did, as `--json` prints it. */
export interface PushSummary {
  readonly dataSource: string;
  /** Events and broken stretches of input that were read. */
  readonly read: number;
  readonly sent: number;
  /** By reason; input that holds no event counts as `unparseable`. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly failed: number;
  /** Of those sent: what was in tasks that have all failed since, before they published. */
  readonly lost: number;
  /** Of those sent: what Druid had not read from the journal in time. */
  readonly unread: number;
  /** Null when Druid was not asked for it. */
  readonly lane: Lane | null;
  /** The directory of the journal, where Druid pulls. */
  readonly journal: string | null;
  readonly seconds: number;
  /** Whether the user ended it early. */
  readonly interrupted: boolean;
}

const examplesPerReason = 3;

/** Tells of undelivered events: the first of each reason in full, the rest in numbers. */
export class UndeliveredReport {
  readonly #messages: Messages;
  readonly #told = new Map<string, number>();

  constructor(messages: Messages) {
    this.#messages = messages;
  }

  /** @param place file and line, if known. */
  event(place: string, outcome: Undelivered): void {
    if (outcome.status === 'dropped') this.#tell(place, outcome.reason, outcome.message);
    else this.#tell(place, 'failed', `${outcome.error.code}: ${outcome.error.message}`);
  }

  /** Input that holds no event. */
  input(place: string, message: string): void {
    this.#tell(place, 'unparseable', message);
  }

  #tell(place: string, reason: string, message: string): void {
    const told = (this.#told.get(reason) ?? 0) + 1;
    this.#told.set(reason, told);
    if (told <= examplesPerReason) this.#messages.line(`${place}: ${reason}: ${message}`);
    else if (told === examplesPerReason + 1) this.#messages.line(`(more of these are counted, not shown: ${reason})`);
  }
}

/** `late 12, unparseable 3` */
function droppedText(dropped: Readonly<Record<string, number>>): string {
  return Object.entries(dropped)
    .map(([reason, count]) => `${reason} ${grouped(count)}`)
    .join(', ');
}

/** Drops by reason, with the input that held no event among the unparseable. */
export function withBroken(
  dropped: Readonly<Record<string, number>>,
  broken: number,
): Readonly<Record<string, number>> {
  if (broken === 0) return dropped;
  return { ...dropped, unparseable: (dropped['unparseable'] ?? 0) + broken };
}

export function sum(dropped: Readonly<Record<string, number>>): number {
  return Object.values(dropped).reduce((total, count) => total + count, 0);
}

/** The line of progress: what a narrow terminal may cut off stands last. */
export function statusLine(
  dataSource: string,
  counters: CounterSnapshot,
  broken: number,
  eventsPerSecond: number,
): string {
  const dropped = withBroken(counters.dropped, broken);
  const tasks = counters.tasksCreated + counters.tasksAdopted;
  const parts = [
    `${dataSource}: ${grouped(counters.received + broken)} read`,
    `${grouped(counters.sent)} sent`,
    `${grouped(Math.round(eventsPerSecond))}/s`,
    tasks === 1 ? '1 task' : `${grouped(tasks)} tasks`,
    `${grouped(sum(dropped))} dropped${sum(dropped) === 0 ? '' : ` (${droppedText(dropped)})`}`,
    ...(counters.failed === 0 ? [] : [`${grouped(counters.failed)} failed`]),
    ...(counters.retries === 0 ? [] : [`${grouped(counters.retries)} retries`]),
  ];
  return parts.join('  ');
}

/** The line of progress while Druid is waited for, which reads from us. */
export function waitingLine(dataSource: string, { sent }: CounterSnapshot, millis: number): string {
  return `${dataSource}: ${grouped(sent)} sent  waiting for Druid to read and publish them, for ${Math.round(millis / 1000)} s`;
}

export function summaryText(summary: PushSummary): string {
  const { dataSource, read, sent, dropped, failed, lost, unread, journal, seconds, interrupted } = summary;
  const rate = seconds > 0 ? ` (${grouped(Math.round(sent / seconds))} events sent a second)` : '';
  const reasons = droppedText(dropped);
  return [
    `${dataSource}: ${grouped(read)} events read in ${seconds.toFixed(1)} s${rate}${interrupted ? ', interrupted' : ''}`,
    `  sent     ${grouped(sent)}`,
    `  dropped  ${grouped(sum(dropped))}${reasons === '' ? '' : `  (${reasons})`}`,
    `  failed   ${grouped(failed)}`,
    ...(lost === 0 ? [] : [`  lost     ${grouped(lost)}  (sent, but their tasks failed before they published)`]),
    ...(unread === 0
      ? []
      : [
          `  unread   ${grouped(unread)}  (sent, but Druid has not read them)`,
          `They are safe in the journal in ${String(journal)}. Any process that opens it with the same config serves them to Druid, such as`,
          '"tranquility push" with the next events, or with none: tranquility push -configFile FILE /dev/null',
        ]),
    '',
  ].join('\n');
}

const grouped = (value: number): string => value.toLocaleString('en-US');

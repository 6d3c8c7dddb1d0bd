import type { AnnounceOptions } from './announce/announcer.js';
import type { SandboxClock } from './clock/sandbox-clock.js';

/** What {@link startSandbox} starts. Every part has a default. */
export interface SandboxOptions {
  /** The port of overlord, coordinator, broker and router, which are one. Default 0: a free one. Tasks have free ports of their own. */
  readonly port?: number;
  /** Where it listens, and what its answers call it. Default `127.0.0.1`. */
  readonly host?: string;
  /** The version of Druid that it passes for. Default `28.0.0`; from 31 on it runs no `index_realtime` tasks. */
  readonly version?: string;
  /** Whether Druid has loaded its extension that reads Kafka. Default true. */
  readonly kafkaExtension?: boolean;
  /** How many overlords there are, each on a port, of which one leads. Default 1. */
  readonly overlords?: number;
  /** How many tasks each worker runs at the same time. Default `[10, 10]`: two workers. */
  readonly workers?: readonly number[];
  /** From the assignment of a task until it runs, in milliseconds of the clock. Default 0. */
  readonly taskStartMillis?: number;
  /** From there until a realtime task takes pushes, in milliseconds of the clock. Default 0. */
  readonly receiverStartMillis?: number;
  /** From the publishing of segments until their task ends, in milliseconds of the clock. Default 0. */
  readonly handoffMillis?: number;
  /** Makes chances of faults and the ids of tasks the same in every run. Default 1. */
  readonly seed?: number;
  /** Default: the machine's clock. A `ManualClock` stands still until a test moves it. */
  readonly clock?: SandboxClock;
  /** Announce overlord and tasks in this ZooKeeper, as Druid does. Default: nowhere. */
  readonly zookeeper?: AnnounceOptions;
}

/** The options with their defaults. */
export type Settings = Required<Omit<SandboxOptions, 'clock' | 'zookeeper'>>;

const defaults: Settings = {
  port: 0,
  host: '127.0.0.1',
  version: '28.0.0',
  kafkaExtension: true,
  overlords: 1,
  workers: [10, 10],
  taskStartMillis: 0,
  receiverStartMillis: 0,
  handoffMillis: 0,
  seed: 1,
};

/** @throws RangeError that names the option. */
export function readSettings(options: SandboxOptions): Settings {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const settings = { ...defaults, ...Object.fromEntries(given) } as Settings;
  whole('port', settings.port, 0, 65_535);
  whole('overlords', settings.overlords, 1, 16);
  for (const capacity of settings.workers) whole('workers', capacity, 0, 1_000);
  for (const name of ['taskStartMillis', 'receiverStartMillis', 'handoffMillis'] as const) {
    whole(name, settings[name], 0, Number.MAX_SAFE_INTEGER);
  }
  return settings;
}

function whole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`The sandbox's option ${name} is ${value}: give a whole number from ${least} to ${most}.`);
}

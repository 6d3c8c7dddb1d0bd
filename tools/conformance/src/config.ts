import { longSum, specOf } from './spec.js';

/** What a test wants of a dataSource. */
export interface ConfigParts {
  readonly overlord: string;
  readonly dataSource: string;
  /** Default `HOUR`. */
  readonly segmentGranularity?: string;
  /** Default `PT10M`. */
  readonly windowPeriod?: string;
  /** On top of those of Tranquility. */
  readonly tuning?: Readonly<Record<string, unknown>>;
  readonly properties?: Readonly<Record<string, string>>;
}

/** A Tranquility config for one dataSource of events `{ time, d, n, id }`. */
export function configOf(parts: ConfigParts): object {
  const { overlord, dataSource, segmentGranularity, windowPeriod, tuning, properties } = parts;
  const own = { dataSource, segmentGranularity, windowPeriod, tuning };
  return {
    dataSources: [{ spec: specOf({ ...own, dimensions: ['d'], metrics: [longSum('n')] }) }],
    properties: { 'druid.overlord.urls': overlord, ...properties },
  };
}

/** Events of one instant that differ in `id`. */
export function eventsAt(time: number, count: number, firstId = 0): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, index) => ({
    time,
    d: `d${index % 7}`,
    n: 1,
    id: firstId + index,
  }));
}

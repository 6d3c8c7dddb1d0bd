import type { ScriptedDruid } from './index.js';

/** What `createSender` takes for a scripted Druid that takes clicks: `{ time, user }`, in segments of an hour. */
export function clicksOf(druid: ScriptedDruid, properties: Record<string, unknown> = {}): { readonly config: object } {
  return {
    config: {
      dataSources: [
        {
          spec: {
            dataSchema: {
              dataSource: 'clicks',
              timestampSpec: { column: 'time', format: 'auto' },
              dimensionsSpec: { dimensions: ['user'] },
              metricsSpec: [{ type: 'count', name: 'count' }],
              granularitySpec: { type: 'uniform', segmentGranularity: 'HOUR', queryGranularity: 'NONE' },
            },
            tuningConfig: { type: 'realtime', windowPeriod: 'PT1H' },
          },
        },
      ],
      properties: { 'druid.overlord.urls': druid.url, ...properties },
    },
  };
}

/** An event of now. */
export interface Click {
  readonly time: number;
  readonly user: number;
}

/** Of as many users, numbered from 0. */
export function clicks(count: number): Click[] {
  const time = Date.now();
  return Array.from({ length: count }, (_, user) => ({ time, user }));
}

/** The users of the rows that came, in no order. */
export function usersIn(druid: ScriptedDruid): number[] {
  return druid.rows.map((row) => row['user'] as number).sort((a, b) => a - b);
}

/** The numbers from 0 to below a count. */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

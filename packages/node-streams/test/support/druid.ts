import type { ScriptedDruid } from '@tranquility-js/scripted-druid';
import type { SenderTarget } from '@tranquility-js/core';

/** Where a scripted Druid takes clicks: `{ time, user }`, in segments of an hour. */
export function clicksOf(druid: ScriptedDruid, properties: Record<string, unknown> = {}): SenderTarget {
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

export interface Click {
  readonly time: number;
  readonly user: number;
}

export function clicks(count: number): Click[] {
  const time = Date.now();
  return Array.from({ length: count }, (_, user) => ({ time, user }));
}

/** The users of the rows that came, in no order. */
export function usersIn(druid: ScriptedDruid): number[] {
  return druid.rows.map((row) => row['user'] as number).sort((a, b) => a - b);
}

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

import { specOf } from '@tranquility-js/conformance/spec';

/** One view of a page, about 260 bytes of JSON. The spec has a use for every field, so all contestants send the same bytes. */
export function pageView(index: number, timestamp: number): Record<string, unknown> {
  return {
    timestamp: timestamp + (index % 1000),
    user: `user_${(index * 7919) % 50_000}`,
    country: ['DE', 'US', 'FR', 'JP'][index % 4],
    device: `device-${index % 997}`,
    page: `/products/category/${index % 313}/item/${(index * 31) % 10_007}`,
    referer: `https://www.example.com/search?q=${index % 1009}`,
    agent: `Mozilla/5.0 (X11; Linux x86_64) Version ${index % 40}`,
    latency: ((index * 17) % 1000) / 10,
    bytes: (index * 13) % 100_000,
    clicks: index % 5,
  };
}

/** How many different events there are; they are sent again and again. */
export const distinct = 20_000;

/** A dataSource that the events go to, as a Tranquility file would have it. */
export function config(dataSource: string, properties: Readonly<Record<string, string>>): object {
  const spec = specOf({
    dataSource,
    time: 'timestamp',
    dimensions: ['user', 'country', 'device', 'page', 'referer', 'agent'],
    metrics: [
      { type: 'doubleSum', name: 'latency_sum', fieldName: 'latency' },
      { type: 'longSum', name: 'bytes_sum', fieldName: 'bytes' },
      { type: 'longSum', name: 'clicks_sum', fieldName: 'clicks' },
    ],
    queryGranularity: 'MINUTE',
  });
  return {
    dataSources: [{ spec, properties: {} }],
    properties,
  };
}

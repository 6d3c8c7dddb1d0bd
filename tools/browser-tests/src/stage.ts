import { startSandbox } from '@tranquility-js/sandbox';
import { createServer, type Server } from '@tranquility-js/server';

/** A server over an embedded Druid, for a browser to look at. */
export interface Stage extends AsyncDisposable {
  readonly url: string;
  readonly server: Server;
  /** Posts JSON, or a text that is meant to be JSON. @returns the status. */
  readonly post: (dataSource: string | undefined, events: unknown) => Promise<number>;
}

const minutes = 60_000;

/** An event of `flights` or `clicks`, so long ago. */
export const event = (n: number, ago = 0): Record<string, unknown> => ({
  time: new Date(Date.now() - ago).toISOString(),
  origin: ['ATL', 'ORD', 'DFW', 'LAX', 'PHX'][n % 5],
  destination: ['SFO', 'JFK', 'SEA', 'DEN'][n % 4],
  delay: (n * 7) % 60,
});

function spec(dataSource: string, segmentGranularity: string, windowPeriod: string): object {
  return {
    dataSchema: {
      dataSource,
      timestampSpec: { column: 'time', format: 'iso' },
      dimensionsSpec: { dimensions: ['origin', 'destination'] },
      metricsSpec: [
        { type: 'count', name: 'count' },
        { type: 'longSum', name: 'delay', fieldName: 'delay' },
      ],
      granularitySpec: { type: 'uniform', segmentGranularity, queryGranularity: 'MINUTE', rollup: true },
    },
    tuningConfig: { type: 'realtime', windowPeriod },
  };
}

/**
 * @param properties of the server, by name.
 * @param version of Druid.
 */
export async function stage(properties: object = {}, version = '28.0.0'): Promise<Stage> {
  const sandbox = await startSandbox({ version });
  const server = await createServer({
    config: {
      dataSources: [
        {
          spec: spec('flights', 'MINUTE', 'PT30S'),
          properties: { 'task.partitions': 2, 'task.replicants': 2 },
        },
        { spec: spec('clicks', 'HOUR', 'PT10M') },
      ],
      properties: { 'druid.overlord.urls': sandbox.url, 'http.port': 0, ...properties },
    },
  });
  const [url = ''] = server.urls;
  return {
    url,
    server,
    post: async (dataSource, events) => {
      const response = await fetch(`${url}/v1/post${dataSource === undefined ? '' : `/${dataSource}`}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof events === 'string' ? events : JSON.stringify(events),
      });
      await response.text();
      return response.status;
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await sandbox[Symbol.asyncDispose]();
    },
  };
}

/** Some of everything that goes wrong with events. */
export async function mistakes({ post }: Stage): Promise<void> {
  await post('flights', [event(1, 40 * minutes), event(2, 41 * minutes), event(3, -60 * minutes)]);
  await post('flights', '[{"time": "2026-03-05T10:20:00Z", "origin": "ATL"}, {"time": "yesterday", "origin": "ORD"}]');
  await post('flights', `${JSON.stringify(event(4))}\n{"time": "2026-03-05T10:20:00Z", "origin": }`);
  await post(undefined, [{ ...event(5), dataSource: 'fligths' }]);
}

/** Posts at an uneven, steady rate until it is told to end. */
export async function traffic({ post }: Stage, signal: AbortSignal): Promise<void> {
  for (let n = 0; !signal.aborted; n++) {
    const size = Math.round(60 + 25 * Math.sin(n / 9) + 15 * Math.sin(n / 2.3));
    const reach = n % 6 === 0 ? -25_000 : n % 5 === 0 ? 25_000 : 0;
    const flights = Array.from({ length: size }, (_, at) => event(n + at, at % 3 === 0 ? reach : 0));
    const clicks = Array.from({ length: Math.round(size / 4) }, (_, at) => event(at));
    await Promise.all([post('flights', flights), post('clicks', clicks)]);
    if (n % 40 === 13) await post('flights', [event(n, 30 * minutes)]);
    await new Promise((resolve) => setTimeout(resolve, 90));
  }
}

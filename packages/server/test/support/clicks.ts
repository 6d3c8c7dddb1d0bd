import { startSandbox, type Sandbox } from '@tranquility-js/sandbox';
import { createServer, type Server, type ServerOptions } from '../../src/index.js';

/** The spec of a dataSource of clicks: `{ time, user }`, in segments of an hour. */
export function spec(dataSource: string, parser?: object): object {
  return {
    dataSchema: {
      dataSource,
      ...(parser === undefined
        ? { timestampSpec: { column: 'time', format: 'auto' }, dimensionsSpec: { dimensions: ['user'] } }
        : { parser }),
      metricsSpec: [{ type: 'count', name: 'count' }],
      granularitySpec: { type: 'uniform', segmentGranularity: 'HOUR', queryGranularity: 'NONE', rollup: false },
    },
    tuningConfig: { type: 'realtime', windowPeriod: 'PT1H' },
  };
}

export const config = (
  druid: string,
  properties: object = {},
  names: readonly string[] = ['clicks', 'web'],
): object => ({
  dataSources: names.map((name) => ({ spec: spec(name) })),
  properties: { 'druid.overlord.urls': druid, 'http.port': 0, ...properties },
});

/** A server of `clicks` and `web` over a Druid that takes all. */
export interface Running extends AsyncDisposable {
  readonly url: string;
  readonly server: Server;
  readonly sandbox: Sandbox;
  /** The users that arrived, in no order. */
  users(dataSource: string): Promise<readonly string[]>;
}

export async function running(properties: object = {}, options: Partial<ServerOptions> = {}): Promise<Running> {
  const sandbox = await startSandbox();
  const server = await createServer({ config: config(sandbox.url, properties), ...options });
  return {
    server,
    sandbox,
    url: server.urls[0] ?? '',
    users: async (dataSource) => {
      const rows = (await sandbox.sql(`SELECT "user" FROM "${dataSource}"`)) as { user: string }[];
      return rows.map(({ user }) => user);
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await sandbox[Symbol.asyncDispose]();
    },
  };
}

/** A click of now. */
export const click = (user: string, more: object = {}): Record<string, unknown> => ({
  time: Date.now(),
  user,
  ...more,
});

import { absent, failure, json, type Answer } from '../http/answer.js';
import { bodyObject, type SandboxRequest } from '../http/request.js';
import type { Routes } from '../http/routes.js';
import type { JsonObject } from '../json.js';
import { intervalText, iso, segmentText } from '../store/segment-id.js';
import type { SegmentInfo, Store } from '../store/store.js';

/** What the coordinator tells of dataSources and their segments. Bytes are 0 everywhere: nothing is on a disk. */
export function coordinatorRoutes(store: Store): Routes {
  const compactions = new Map<string, JsonObject>();
  return {
    // It is kept, and nothing is compacted.
    'POST /druid/coordinator/v1/config/compaction': (request) => {
      const config = bodyObject(request);
      const dataSource = config?.['dataSource'];
      if (config === undefined || typeof dataSource !== 'string') return failure(400, 'The config has no dataSource.');
      compactions.set(dataSource, config);
      return { status: 200 };
    },
    'GET /druid/coordinator/v1/config/compaction/*': (_, name = '') => {
      const config = compactions.get(name);
      return config === undefined ? { status: 404 } : json(config);
    },
    'GET /druid/coordinator/v1/datasources': async ({ query }) => {
      if (query.has('full')) return absent('lists dataSources by name or with ?simple, not with ?full.');
      if (!query.has('simple')) return json(store.dataSources());
      const names = store.dataSources();
      return json(await Promise.all(names.map(async (name) => ({ name, properties: await properties(store, name) }))));
    },
    'GET /druid/coordinator/v1/datasources/*': (_, name) =>
      about(store, name, async (known) => json(await properties(store, known))),
    'GET /druid/coordinator/v1/datasources/*/segments': (request, name) =>
      about(store, name, async (known) => listSegments(request, await store.segments(known))),
    'GET /druid/coordinator/v1/datasources/*/intervals': (_, name) =>
      about(store, name, async (known) => {
        const intervals = (await store.segments(known)).map(({ id }) => intervalText(id));
        return json([...new Set(intervals)].sort().reverse());
      }),
    // What is published is loaded.
    'GET /druid/coordinator/v1/datasources/*/handoffComplete': ({ query }, name = '') =>
      json(
        store
          .publishedSegments(name)
          .some(
            (id) =>
              intervalText(id) === query.get('interval') &&
              id.version === query.get('version') &&
              String(id.partition) === query.get('partitionNumber'),
          ),
      ),
    'GET /druid/coordinator/v1/metadata/datasources': () =>
      json(store.dataSources().filter((name) => store.publishedSegments(name).length > 0)),
    'GET /druid/coordinator/v1/metadata/datasources/*/segments': (_, name) =>
      about(store, name, (known) => json(store.publishedSegments(known).map(segmentText))),
    'GET /druid/coordinator/v1/loadstatus': () =>
      json(Object.fromEntries(store.dataSources().map((name) => [name, 100]))),
    'GET /druid/v2/datasources': () => json(store.dataSources()),
    'GET /druid/v2/datasources/*': async (_, name = '') => {
      const segments = store.dataSources().includes(name) ? await store.segments(name) : [];
      const all = (names: readonly (readonly string[])[]): string[] => [...new Set(names.flat())];
      return json({
        dimensions: all(segments.map((segment) => segment.dimensions)),
        metrics: all(segments.map((segment) => segment.metrics)),
      });
    },
  };
}

function about(store: Store, name = '', answer: (name: string) => Promise<Answer> | Answer): Promise<Answer> | Answer {
  return store.dataSources().includes(name) ? answer(name) : { status: 204 };
}

async function properties(store: Store, name: string): Promise<object> {
  const segments = await store.segments(name);
  const size = { size: 0, replicatedSize: 0 };
  return {
    tiers: { _default_tier: { ...size, segmentCount: segments.length } },
    segments: {
      ...size,
      count: segments.length,
      minTime: iso(Math.min(...segments.map(({ id }) => id.start))),
      maxTime: iso(Math.max(...segments.map(({ id }) => id.end))),
    },
  };
}

function listSegments({ query }: SandboxRequest, segments: readonly SegmentInfo[]): Answer {
  if (!query.has('full')) return json(segments.map(({ id }) => segmentText(id)));
  return json(
    segments.map(({ id, dimensions, metrics }) => ({
      dataSource: id.dataSource,
      interval: intervalText(id),
      version: id.version,
      loadSpec: {},
      dimensions: dimensions.join(','),
      metrics: metrics.join(','),
      shardSpec: { type: 'linear', partitionNum: id.partition },
      binaryVersion: 9,
      size: 0,
      identifier: segmentText(id),
    })),
  );
}

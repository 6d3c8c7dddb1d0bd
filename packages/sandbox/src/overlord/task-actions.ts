import { absent, json, type Answer } from '../http/answer.js';
import { bodyObject, type SandboxRequest } from '../http/request.js';
import type { Routes } from '../http/routes.js';
import { at } from '../json.js';
import { readInterval } from '../realtime/realtime-spec.js';
import { intervalText, segmentText, type SegmentId } from '../store/segment-id.js';
import type { Store } from '../store/store.js';

/** What the overlord does in the name of tasks, as far as it is asked from outside: which segments there are. */
export function taskActionRoutes(store: Store): Routes {
  return { 'POST /druid/indexer/v1/action': (request) => act(store, request) };
}

function act(store: Store, request: SandboxRequest): Answer {
  const action = bodyObject(request)?.['action'];
  const [type, dataSource] = [at(action, 'type'), at(action, 'dataSource')];
  // Nothing is replaced here, so all that was published is in use.
  if (type === 'segmentListUnused') return json({ result: [] });
  if (type !== 'segmentListUsed')
    return absent(`does no task action ${JSON.stringify(type)}. It does segmentListUsed.`);
  const asked = at(action, 'intervals');
  const intervals = Array.isArray(asked) ? (asked as unknown[]).map(readInterval) : [];
  const found = store
    .publishedSegments(String(dataSource))
    .filter((id) => intervals.some(({ start, end }) => id.start < end && id.end > start));
  return json({ result: found.map((id) => describe(id, store)) });
}

function describe(id: SegmentId, store: Store): object {
  const lastCompactionState = store.compactionState(id);
  return {
    dataSource: id.dataSource,
    interval: intervalText(id),
    version: id.version,
    loadSpec: {},
    shardSpec: { type: 'numbered', partitionNum: id.partition, partitions: 0 },
    ...(lastCompactionState === undefined ? {} : { lastCompactionState }),
    binaryVersion: 9,
    size: 0,
    identifier: segmentText(id),
  };
}

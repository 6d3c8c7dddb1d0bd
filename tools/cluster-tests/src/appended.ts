import { markOf } from '@tranquility-js/core/internal';
import { endpoints } from './cluster.js';

interface PublishedSegment {
  readonly lastCompactionState?: { readonly partitionsSpec?: { readonly maxTotalRows?: number } };
}

/** All segments of a dataSource that are published, as the overlord's own store has them. */
async function publishedSegments(dataSource: string): Promise<readonly PublishedSegment[]> {
  const task = { type: 'noop', id: `look_${dataSource}`, dataSource, runTime: 0, isReadyTime: 0, isReadyResult: 'YES' };
  const intervals = ['1970-01-01T00:00:00.000Z/2100-01-01T00:00:00.000Z'];
  const action = { type: 'segmentListUsed', dataSource, intervals, visibility: 'INCLUDING_OVERSHADOWED' };
  const response = await fetch(`${endpoints().overlord}/druid/indexer/v1/action`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ task, action }),
  });
  if (!response.ok) throw new Error(`Which segments there are was answered ${response.status}`);
  return ((await response.json()) as { result: PublishedSegment[] }).result;
}

/** How many segments a dataSource has. */
export const segmentCount = async (dataSource: string): Promise<number> => (await publishedSegments(dataSource)).length;

/** Whether a task of ours has published. */
export async function hasPublished(dataSource: string, taskId: string): Promise<boolean> {
  const mark = markOf(taskId);
  const segments = await publishedSegments(dataSource);
  return segments.some(({ lastCompactionState }) => lastCompactionState?.partitionsSpec?.maxTotalRows === mark);
}

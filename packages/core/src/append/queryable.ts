import { describe } from '../druid/describe.js';
import type { OverlordClient, Patience } from '../druid/overlord-client.js';
import { TranquilityError } from '../errors/tranquility-error.js';
import type { PublishedSegment } from './published-segments.js';

/**
 * Those of these segments that no server has loaded yet, by the word of Druid's coordinator. One that its rules load nowhere is not among them.
 * @throws TRQ_OVERLORD_UNREACHABLE; TRQ_OVERLORD_REFUSED where there is no coordinator at the overlord's address.
 */
export async function notLoaded(
  overlord: OverlordClient,
  segments: readonly PublishedSegment[],
  patience: () => Patience,
): Promise<readonly PublishedSegment[]> {
  const left: PublishedSegment[] = [];
  for (const segment of segments) if (!(await isLoaded(overlord, segment, patience()))) left.push(segment);
  return left;
}

/** Those of these segments that are among the ones that queries would see now. */
export function stillVisible(
  segments: readonly PublishedSegment[],
  visible: readonly PublishedSegment[],
): readonly PublishedSegment[] {
  const known = new Set(visible.map(idOf));
  return segments.filter((segment) => known.has(idOf(segment)));
}

/** A segment of a dataSource is known by these. */
const idOf = ({ interval, version, partition }: PublishedSegment): string => `${interval} ${version} ${partition}`;

async function isLoaded(
  overlord: OverlordClient,
  { dataSource, interval, version, partition }: PublishedSegment,
  patience: Patience,
): Promise<boolean> {
  const query = String(new URLSearchParams({ interval, version, partitionNumber: String(partition) }));
  const path = `/druid/coordinator/v1/datasources/${encodeURIComponent(dataSource)}/handoffComplete?${query}`;
  const response = await overlord.ask('GET', path, patience);
  if (response.status === 200) return response.text.trim() === 'true';
  throw new TranquilityError(
    'TRQ_OVERLORD_REFUSED',
    `It is published, but no coordinator at the overlord’s address says whether it can be queried: ${describe(response)}. Name one, or a router, in druid.overlord.urls; or set append.acknowledge to published.`,
    { details: { status: response.status } },
  );
}

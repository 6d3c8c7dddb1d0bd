import { parseGranularity } from '../time/granularity.js';
import type { Truncate } from './partitioner.js';

/** The truncation of a spec's queryGranularity; times stay whole where it is one that we do not read. */
export function truncation(queryGranularity: unknown): Truncate {
  const result = parseGranularity(queryGranularity, 'queryGranularity');
  if (!result.ok) return (timestamp) => timestamp;
  const { granularity } = result;
  return (timestamp) => granularity.bucketStart(timestamp);
}

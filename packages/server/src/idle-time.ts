import { timerMillis } from '@tranquility-js/core/internal';
import type { ServerProperties } from './properties.js';

/** How long an idle connection is kept where the config says nothing sensible, in milliseconds. */
const nodesIdleMillis = 72_000;

/** How long nothing may come from a client, in milliseconds. */
export function idleMillisOf(properties: ServerProperties): number {
  const { millis } = properties['http.idleTimeout'];
  return millis > 0 ? timerMillis(millis) : nodesIdleMillis;
}

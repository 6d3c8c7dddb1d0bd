import type { Readable } from 'node:stream';
import { messageOf } from '@tranquility-js/core';
import { Aborted } from './aborted.js';
import { receivedChunks, type BodyLimits } from './body.js';
import { Problem } from './problem.js';

/**
 * Takes the rest of a body and forgets it, so that its sender gets to the answer, be the body as long as it may. One that is too long or too
 * slow is left as it is.
 * @throws Aborted.
 */
export async function discard(body: Readable, limits: BodyLimits): Promise<void> {
  try {
    const chunks = receivedChunks(body, limits);
    while ((await chunks.next()).done !== true);
  } catch (error) {
    if (!(error instanceof Problem)) throw new Aborted(messageOf(error), { cause: error });
  }
}

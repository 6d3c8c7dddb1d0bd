import type { IncomingMessage, ServerResponse } from 'node:http';
import { cutOff } from './listen/cut-off.js';

/** How long a client may go on sending a body that is answered already. */
const patienceMillis = 5000;

/** Those that were left already. */
const left = new WeakSet<IncomingMessage>();

/**
 * Lets a client that is answered before its body has ended send the rest, unread, for a while, so that it gets to the answer; then it is
 * cut off.
 */
export function leaveUnread(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete || request.readableEnded || left.has(request)) return;
  left.add(request);
  const timer = setTimeout(() => cutOff(request), patienceMillis);
  const stop = (): void => clearTimeout(timer);
  request.once('end', stop).once('close', stop);
  response.once('finish', () => {
    request.removeAllListeners('readable');
    request.resume();
  });
}

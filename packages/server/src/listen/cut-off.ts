import type { IncomingMessage } from 'node:http';
import { constants, type Http2ServerRequest } from 'node:http2';

/** Ends a request and its answer, whatever the client does: of HTTP/1.1 with its connection, of HTTP/2 its stream alone. */
export function cutOff(request: IncomingMessage | Http2ServerRequest): void {
  // Destroying a request of HTTP/2 leaves its stream open.
  if ('stream' in request) request.stream.close(constants.NGHTTP2_CANCEL);
  else request.destroy();
}

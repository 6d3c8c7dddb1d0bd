import { TranquilityError } from '@tranquility-js/core';
import type { ServerProperties } from '../properties.js';
import { isLoopback } from './loopback.js';

/**
 * Whoever reaches the server may write to Druid: that must be meant.
 * @throws TRQ_CONFIG_INVALID for an address that others reach, without anything that tells who they are.
 */
export function checkAccess(properties: ServerProperties): void {
  const host = properties['http.host'];
  const knowsClients = properties['http.auth.path'] !== undefined;
  if (isLoopback(host) || knowsClients || properties['http.allowAnonymous']) return;
  const onlyHttps = !properties['http.port.enable'] && properties['https.port.enable'];
  if (onlyHttps && properties['https.clientAuth'] === 'required') return;
  throw new TranquilityError(
    'TRQ_CONFIG_INVALID',
    `http.host is "${host}", which others reach, and everybody might post. Set http.auth.path to a file of clients, or http.allowAnonymous to true, or http.host to 127.0.0.1.`,
    { details: { property: 'http.host' } },
  );
}

import type { PropertyValues } from '../config/properties.js';
import { AddressMap, type RewriteAddress } from '../transport/address-map.js';
import { authorizationOf, type Authorize } from '../transport/authorization.js';
import { HttpClient } from '../transport/http-client.js';
import type { TlsClient } from '../transport/tls-client.js';
import { readTls } from '../transport/tls-files.js';

/** What connections are made with. */
export interface Connections {
  readonly http: HttpClient;
  /** For ZooKeeper; `undefined` where it is spoken to without. */
  readonly zooKeeperTls: TlsClient | undefined;
}

/** What of connections only code can say. */
export interface ConnectionHooks {
  /** Gives headers for each request to Druid: signatures, tokens that change. They win over those of the config. */
  readonly authorize?: Authorize | undefined;
  /** Says where an address of Druid's, `host:port`, is reached; `undefined` leaves that to `druid.addresses`. */
  readonly rewriteAddress?: RewriteAddress | undefined;
}

/**
 * Reads the files that connections need. Nothing is connected yet.
 * @throws TRQ_CONFIG_INVALID for a file that is missing, broken, expired, or not opened by its password.
 */
export async function readConnections(
  properties: PropertyValues,
  now: number,
  { authorize, rewriteAddress }: ConnectionHooks,
): Promise<Connections> {
  const http = new HttpClient({
    authorization: await authorizationOf(properties, authorize),
    tls: await readTls('druid.tls', properties, now),
    requiresTls: properties['druid.tls.enable'],
    addresses: new AddressMap(properties['druid.addresses'], rewriteAddress),
  });
  const zooKeeperTls = properties['zookeeper.tls.enable'] ? await readTls('zookeeper.tls', properties, now) : undefined;
  return { http, zooKeeperTls };
}

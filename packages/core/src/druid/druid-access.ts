import type { PropertyValues } from '../config/properties.js';
import type { Logger } from '../observe/logger.js';
import type { HttpClient } from '../transport/http-client.js';
import type { TlsClient } from '../transport/tls-client.js';
import { ZooKeeperClient } from '../zookeeper/zookeeper-client.js';
import type { Connections } from './connections.js';
import { overlordUrls, type OverlordAddresses } from './overlord-addresses.js';
import { OverlordClient } from './overlord-client.js';
import { ZooKeeperDiscovery } from './zookeeper-discovery.js';

/** How Druid is found and spoken to. Nothing is connected before it is used. */
export interface DruidAccess {
  readonly http: HttpClient;
  readonly addresses: OverlordAddresses;
  readonly overlord: OverlordClient;
  /** Where the config names one: its client, and what Druid announces there. */
  readonly zookeeper?: { readonly client: ZooKeeperClient; readonly discovery: ZooKeeperDiscovery };
  /** Ends all connections. */
  close(): Promise<void>;
}

/** As the config says. */
export function druidAccess(
  properties: PropertyValues,
  { http, zooKeeperTls }: Connections,
  logger: Logger,
): DruidAccess {
  const urls = properties['druid.overlord.urls'];
  const connect = properties['zookeeper.connect'];
  const client = connect === undefined ? undefined : zooKeeperClient(connect, properties, zooKeeperTls, logger);
  const zookeeper = client && {
    client,
    discovery: new ZooKeeperDiscovery(client, properties['druid.discovery.curator.path'], http.requiresTls),
  };
  const addresses =
    urls === undefined && zookeeper !== undefined
      ? zookeeper.discovery.overlords(properties['druid.selectors.indexing.serviceName'])
      : overlordUrls(urls ?? []);
  return {
    http,
    addresses,
    overlord: new OverlordClient(http, addresses),
    ...(zookeeper === undefined ? {} : { zookeeper }),
    async close() {
      await Promise.all([http.close(), client?.close()]);
    },
  };
}

function zooKeeperClient(
  connect: string,
  properties: PropertyValues,
  tls: TlsClient | undefined,
  logger: Logger,
): ZooKeeperClient {
  const digest = properties['zookeeper.digest'];
  return new ZooKeeperClient({
    connect,
    logger,
    timeout: properties['zookeeper.timeout'].millis,
    ...(tls === undefined ? {} : { tls }),
    ...(digest === undefined ? {} : { auth: { scheme: 'digest', credentials: digest.reveal() } }),
  });
}

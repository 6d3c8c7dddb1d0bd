import type { DataSourceConfig } from '../config/config.js';
import type { PropertyValues } from '../config/properties.js';
import type { Coordination } from '../coordination/coordination.js';
import { OverlordCoordination } from '../coordination/overlord-coordination.js';
import { ZooKeeperCoordination } from '../coordination/zookeeper-coordination.js';
import { OverlordClient } from '../druid/overlord-client.js';
import { overlordUrls } from '../druid/overlord-addresses.js';
import { ZooKeeperDiscovery } from '../druid/zookeeper-discovery.js';
import type { Logger } from '../observe/logger.js';
import { parsePeriod } from '../time/period.js';
import { AddressMap, type RewriteAddress } from '../transport/address-map.js';
import { authorizationOf, type Authorize } from '../transport/authorization.js';
import { HttpClient } from '../transport/http-client.js';
import type { TlsClient } from '../transport/tls-client.js';
import { readTls } from '../transport/tls-files.js';
import { ZooKeeperClient } from '../zookeeper/zookeeper-client.js';
import { firehoseService } from './names.js';

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

/** How Druid is found and spoken to, and who decides which tasks exist. */
export interface Backends {
  readonly overlord: OverlordClient;
  readonly coordination: Coordination;
  readonly discovery: ZooKeeperDiscovery | undefined;
}

/** What the config asks for. Nothing is connected before it is used; closing the coordination closes all but `http`. */
export function backends(config: DataSourceConfig, { http, zooKeeperTls }: Connections, logger: Logger): Backends {
  const { spec, properties } = config;
  const urls = properties['druid.overlord.urls'];
  const connect = properties['zookeeper.connect'];
  if (connect === undefined) {
    const overlord = new OverlordClient(http, overlordUrls(urls ?? []));
    return { overlord, coordination: new OverlordCoordination(overlord), discovery: undefined };
  }
  const client = zooKeeperClient(connect, properties, zooKeeperTls, logger);
  const discovery = new ZooKeeperDiscovery(client, properties['druid.discovery.curator.path'], http.requiresTls);
  const service = properties['druid.selectors.indexing.serviceName'];
  const overlord = new OverlordClient(http, urls === undefined ? discovery.overlords(service) : overlordUrls(urls));
  const coordination =
    properties['tranquility.coordination'] === 'overlord'
      ? new OverlordCoordination(overlord, client)
      : new ZooKeeperCoordination({
          client,
          overlord,
          path: statePath(config),
          servicePrefix: firehoseService(service, ''),
          granularity: spec.segmentGranularity,
          window: parsePeriod(spec.windowPeriod),
          logger,
        });
  const asksZooKeeper = urls === undefined && properties['druidBeam.taskLocator'] === 'curator';
  return { overlord, coordination, discovery: asksZooKeeper ? discovery : undefined };
}

/** Where ZooKeeper has the tasks of a dataSource: `/tranquility/beams/druid:overlord/flights`. */
export function statePath({ dataSource, properties }: DataSourceConfig): string {
  const service = properties['druid.selectors.indexing.serviceName'];
  return `${properties['zookeeper.path']}/${service.replaceAll('/', ':')}/${dataSource}`;
}

/** A client that is not connected yet. */
export function zooKeeperClient(
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

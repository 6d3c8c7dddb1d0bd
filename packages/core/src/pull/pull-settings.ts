import { Secret } from '../config/secret.js';
import type { DataSourceConfig } from '../config/config.js';
import { serverText, type ServerAddress } from '../config/connect-string.js';
import type { PropertyValues } from '../config/properties.js';
import { journalId, type JournalOptions } from '../journal/journal.js';
import type { TlsServer } from '../transport/tls-files.js';
import type { EndpointOptions } from './endpoint.js';
import type { ReaderAccess } from './reader-access.js';
import type { OwnPlace } from './supervisor-spec.js';
import type { EndpointNode } from './topics.js';

/** How a journal is kept and served: one for all dataSources that have the same. */
export interface StationSettings {
  readonly journal: Omit<JournalOptions, 'clock' | 'logger'>;
  readonly endpoint: Omit<EndpointOptions, 'topics' | 'nodes' | 'logger'>;
  /** This process among `nodes`; when unset: where it listens. */
  readonly advertised: { readonly host: string; readonly port: number } | undefined;
  /** All processes that serve these dataSources; when unset: this one. */
  readonly nodes: readonly EndpointNode[] | undefined;
}

/** A journal that may have little must be able to let go of little. */
const leastSegments = 8;

/** @param tls of the endpoint, read from its files. */
export function stationSettings(properties: PropertyValues, tls: TlsServer | undefined): StationSettings {
  const maxBytes = properties['journal.maxBytes'];
  const segmentBytes = properties['journal.segmentBytes'];
  const sync = properties['journal.syncPeriod'].millis;
  const sasl = saslOf(properties);
  return {
    journal: {
      directory: properties['journal.directory'],
      sync: sync === 0 ? 'always' : { intervalMillis: sync },
      segmentBytes: Math.min(segmentBytes, Math.ceil((maxBytes ?? Infinity) / leastSegments)),
      segmentMillis: properties['journal.segmentPeriod'].millis,
      ...(maxBytes === undefined ? {} : { maxBytes }),
      minFreeBytes: properties['journal.minFreeBytes'],
      reserveMillis: properties['journal.reservePeriod'].millis,
    },
    endpoint: {
      listen: { host: properties['pull.endpoint.host'], port: properties['pull.endpoint.port'] },
      ...(tls === undefined ? {} : { tls }),
      ...(sasl === undefined
        ? {}
        : { sasl: { users: new Map([[sasl.user, sasl.password]]), mechanisms: [sasl.mechanism] } }),
    },
    advertised: properties['pull.endpoint.advertised'],
    nodes: properties['pull.endpoint.nodes']?.map((node, id) => ({ id, ...node })),
  };
}

/**
 * By what the supervisor of a dataSource is known to read from the process, or the Kafka, of this config. Neither need run.
 * @throws TRQ_JOURNAL_FORMAT, TRQ_JOURNAL_FAILED
 */
export async function ownPlace({ dataSource, properties }: DataSourceConfig): Promise<OwnPlace> {
  if (properties['pull.source'] === 'kafka') {
    const servers = properties['pull.kafka.bootstrap.servers'] ?? [];
    return { topic: properties['pull.kafka.topic'] ?? dataSource, address: servers.map(serverText).join(',') };
  }
  const isAlone = (properties['pull.endpoint.nodes']?.length ?? 1) === 1;
  const journal = isAlone ? await journalId(properties['journal.directory']) : undefined;
  return {
    topic: dataSource,
    address: serverText(endpointAddress(properties)),
    ...(journal === undefined ? {} : { journal }),
  };
}

/** Where Druid reaches the endpoint. */
export const endpointAddress = (properties: PropertyValues): ServerAddress =>
  properties['pull.endpoint.advertised'] ?? {
    host: properties['pull.endpoint.host'],
    port: properties['pull.endpoint.port'],
  };

/** Where the settings of a process differ, its dataSources cannot share a journal. */
export function settingsText(settings: object): string {
  return JSON.stringify(settings, (_, value: unknown) => {
    if (value instanceof Secret) return String(value.reveal());
    return value instanceof Map ? [...(value as ReadonlyMap<unknown, unknown>)] : value;
  });
}

/** How readers reach the endpoint, and show who they are. */
export function readerAccess(properties: PropertyValues, nodes: readonly EndpointNode[]): ReaderAccess {
  const sasl = saslOf(properties);
  const others = properties['pull.consumerProperties']?.reveal();
  return {
    nodes,
    tls: properties['pull.endpoint.tls.enable'],
    ...(sasl === undefined ? {} : { sasl }),
    ...(others === undefined ? {} : { properties: others }),
  };
}

function saslOf(properties: PropertyValues): ReaderAccess['sasl'] {
  const user = properties['pull.endpoint.sasl.user'];
  const password = properties['pull.endpoint.sasl.password'];
  if (user === undefined || password === undefined) return undefined;
  return { mechanism: properties['pull.endpoint.sasl.mechanism'], user, password };
}

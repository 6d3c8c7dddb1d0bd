import type { Logger } from '@tranquility-js/core';
import {
  readTlsMaterial,
  systemClock,
  TlsClient,
  ZooKeeperClient,
  type ZooKeeperValues,
} from '@tranquility-js/core/internal';

export interface LedgerClientOptions {
  readonly values: ZooKeeperValues;
  /** After so many milliseconds without a sign of life others take a lease. */
  readonly failoverMillis: number;
  /** How long ZooKeeper may take to answer, in milliseconds. */
  readonly answerMillis: number;
  readonly logger: Logger;
}

/**
 * A client of the ZooKeeper that has the leases. Nothing is connected before it is used.
 * @throws (as a rejection) TRQ_CONFIG_INVALID for a file of TLS that is missing, broken, expired, or not opened by its password.
 */
export async function ledgerClient(options: LedgerClientOptions): Promise<ZooKeeperClient> {
  const { values, failoverMillis, answerMillis, logger } = options;
  const digest = values['zookeeper.digest'];
  const tls = values['zookeeper.tls.enable']
    ? new TlsClient(await readTlsMaterial('zookeeper.tls', values, systemClock.now()))
    : undefined;
  return new ZooKeeperClient({
    connect: values['zookeeper.connect'] ?? '',
    ...{ logger, requestTimeout: answerMillis },
    // No node of ours ends with the session. A server that hangs is left after two thirds of it, while our leases live.
    timeout: Math.min(values['zookeeper.timeout'].millis, failoverMillis / 2),
    ...(tls === undefined ? {} : { tls }),
    ...(digest === undefined ? {} : { auth: { scheme: 'digest', credentials: digest.reveal() } }),
  });
}

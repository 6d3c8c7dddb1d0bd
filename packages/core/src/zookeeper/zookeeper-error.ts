import { TranquilityError } from '../errors/tranquility-error.js';

/** Why ZooKeeper did not do what was asked: its own reasons, and those of the connection to it. */
export type Reason =
  | 'AUTH_FAILED'
  | 'BAD_VERSION'
  | 'CLOSED'
  | 'CONNECTION_LOSS'
  | 'NODE_EXISTS'
  | 'NOT_EMPTY'
  | 'NO_AUTH'
  | 'NO_CHROOT'
  | 'NO_NODE'
  | 'OTHER'
  | 'SESSION_EXPIRED'
  | 'TIMEOUT'
  | 'TOO_LARGE';

const reasons = new Map<number, Reason>([
  [-4, 'CONNECTION_LOSS'],
  [-101, 'NO_NODE'],
  [-102, 'NO_AUTH'],
  [-103, 'BAD_VERSION'],
  [-110, 'NODE_EXISTS'],
  [-111, 'NOT_EMPTY'],
  [-112, 'SESSION_EXPIRED'],
  [-115, 'AUTH_FAILED'],
  [-118, 'CONNECTION_LOSS'],
]);

/** The reason that an error number of the protocol stands for. */
export const reasonOfNumber = (error: number): Reason => reasons.get(error) ?? 'OTHER';

/** Why ZooKeeper did not do it, or `undefined` for an error that is not about ZooKeeper. */
export function reasonOf(error: unknown): Reason | undefined {
  return error instanceof TranquilityError ? (error.details['zookeeper'] as Reason | undefined) : undefined;
}

const sentences: Readonly<Partial<Record<Reason, string>>> = {
  AUTH_FAILED: 'ZooKeeper does not know these credentials.',
  BAD_VERSION: 'Somebody else has changed the node meanwhile.',
  NODE_EXISTS: 'The node exists already.',
  NOT_EMPTY: 'The node has children.',
  NO_AUTH: 'The node’s ACL does not allow it. Give us the right, or open the ACL of the node and those below it.',
  NO_CHROOT: 'The path at the end of zookeeper.connect does not exist. Create it, or leave it out.',
  NO_NODE: 'There is no such node.',
  TOO_LARGE: 'The data is larger than the megabyte that ZooKeeper takes (jute.maxbuffer).',
};

/** ZooKeeper answered, and did not do it. */
export function refused(what: string, reason: Reason, number?: number): TranquilityError {
  const sentence = sentences[reason] ?? `It answered with error ${number ?? reason}.`;
  return new TranquilityError('TRQ_ZOOKEEPER_REFUSED', `ZooKeeper refused ${what}. ${sentence}`, {
    details: { zookeeper: reason },
  });
}

/** No answer came; whether it was done is not known. */
export function unreachable(what: string, why: string, reason: Reason, servers: string): TranquilityError {
  return new TranquilityError(
    'TRQ_ZOOKEEPER_UNREACHABLE',
    `ZooKeeper at ${servers} did not answer ${what}: ${why}. Check zookeeper.connect, and that ZooKeeper runs.`,
    { details: { zookeeper: reason, servers } },
  );
}

/** The session has ended, and with it all that lived as long as the session: our locks. */
export function sessionExpired(what: string): TranquilityError {
  return new TranquilityError('TRQ_ZOOKEEPER_SESSION_EXPIRED', `The ZooKeeper session expired ${what}.`, {
    details: { zookeeper: 'SESSION_EXPIRED' satisfies Reason },
  });
}

/** Somebody has removed the node that made a lock ours. */
export function lockLost(path: string): TranquilityError {
  return new TranquilityError(
    'TRQ_ZOOKEEPER_SESSION_EXPIRED',
    `A lock in ZooKeeper was lost: its node ${path} is gone.`,
    { details: { zookeeper: 'SESSION_EXPIRED' satisfies Reason, path } },
  );
}

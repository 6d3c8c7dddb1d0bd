import { TranquilityError } from '../errors/tranquility-error.js';

/** What a user should do about a failure of TLS that trying again does not help. */
type Remedy = (tls: string) => string;

const trust: Remedy = (tls) =>
  `Nobody whom we trust vouches for its certificate. Name the authority that does with ${tls}.caPath or ${tls}.trustStorePath.`;
const identity: Remedy = (tls) =>
  `It wants to know who we are, and does not take our certificate, or got none. Check ${tls}.certPath and ${tls}.keyPath, or ${tls}.keyStorePath.`;
const version: Remedy = (tls) => `It speaks no version of TLS that we do. See ${tls}.protocol.`;

const remedies: Readonly<Record<string, Remedy>> = {
  CERT_HAS_EXPIRED: () => 'Its certificate has to be renewed.',
  CERT_NOT_YET_VALID: () => 'Compare the clocks.',
  CERT_REVOKED: () => 'Its certificate has to be renewed.',
  CERT_SIGNATURE_FAILURE: trust,
  CERT_UNTRUSTED: trust,
  DEPTH_ZERO_SELF_SIGNED_CERT: trust,
  INVALID_CA: trust,
  SELF_SIGNED_CERT_IN_CHAIN: trust,
  UNABLE_TO_GET_ISSUER_CERT: trust,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: trust,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: trust,
  ERR_TLS_CERT_ALTNAME_INVALID: (tls) =>
    `Its certificate is for another name. Where the address is an IP, give the name as ${tls}.serverName.`,
  ERR_SSL_WRONG_VERSION_NUMBER: () => 'What listens there does not speak TLS.',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: () => 'What listens there does not speak TLS.',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: identity,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: identity,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: identity,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: identity,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: identity,
  ERR_SSL_TLSV1_ALERT_ACCESS_DENIED: identity,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: identity,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: version,
  ERR_SSL_UNSUPPORTED_PROTOCOL: version,
};

/** A failure of TLS that trying again does not help: what OpenSSL or Node says, and what to do. */
export interface TlsTrouble {
  readonly words: string;
  readonly remedy: string;
}

/**
 * Finds such a failure in an error or its causes.
 * @param tls what the names of the properties begin with that say how TLS is spoken.
 */
export function tlsTrouble(error: unknown, tls: string): TlsTrouble | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = '', message, reason } = error as NodeJS.ErrnoException & { reason?: unknown };
  // OpenSSL 3.2 calls alerts of all versions ssl/tls; before, it called them sslv3.
  const remedy = remedies[code.replace('ERR_SSL_SSL/TLS_', 'ERR_SSL_SSLV3_')]?.(tls);
  if (remedy === undefined) return tlsTrouble(error.cause, tls);
  // Messages of OpenSSL itself are full of its source files and line numbers.
  return { words: code.startsWith('ERR_SSL_') && typeof reason === 'string' ? reason : message, remedy };
}

/** A connection to a server could not be made safe. */
export function tlsFailed(origin: string, { words, remedy }: TlsTrouble, cause: unknown): TranquilityError {
  return new TranquilityError('TRQ_TLS_FAILED', `No safe connection to ${origin}: ${words}. ${remedy}`, {
    cause,
    details: { origin },
  });
}

/** Druid led us to a server without TLS, to which nothing is sent. */
export function plainRefused(origin: string): TranquilityError {
  return new TranquilityError(
    'TRQ_TLS_FAILED',
    `Druid told us to go to ${origin}, which is without TLS. Nothing was sent there, as TLS is asked for. Turn TLS on there (druid.enableTlsPort), or set druid.tls.enable to false and use http in druid.overlord.urls.`,
    { details: { origin } },
  );
}

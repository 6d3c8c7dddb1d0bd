import { messageOf, TranquilityError } from '@tranquility-js/core';

/** What an error of AWS's means to us. */
export type ErrorKind =
  /** Too much at once: it helps to wait. */
  | 'throttled'
  /** The place from which to read on has to be asked for again. */
  | 'expired-iterator'
  /** There is no such stream, shard or table. */
  | 'gone'
  /** There is no such sequence number. */
  | 'invalid'
  /** We may not: credentials are wrong or have expired, or a right is missing. */
  | 'refused'
  /** No answer, or none as it should be. */
  | 'unreachable';

const kinds: Readonly<Record<string, ErrorKind>> = {
  __proto__: null as never,
  ProvisionedThroughputExceededException: 'throttled',
  LimitExceededException: 'throttled',
  ThrottlingException: 'throttled',
  KMSThrottlingException: 'throttled',
  RequestLimitExceeded: 'throttled',
  ResourceInUseException: 'throttled',
  ExpiredIteratorException: 'expired-iterator',
  ExpiredNextTokenException: 'throttled',
  ResourceNotFoundException: 'gone',
  InvalidArgumentException: 'invalid',
  AccessDeniedException: 'refused',
  AccessDenied: 'refused',
  CredentialsProviderError: 'refused',
  ExpiredTokenException: 'refused',
  ExpiredToken: 'refused',
  IncompleteSignatureException: 'refused',
  InvalidClientTokenId: 'refused',
  InvalidSignatureException: 'refused',
  KMSAccessDeniedException: 'refused',
  KMSDisabledException: 'refused',
  KMSInvalidStateException: 'refused',
  KMSNotFoundException: 'refused',
  KMSOptInRequired: 'refused',
  MissingAuthenticationTokenException: 'refused',
  NotAuthorizedException: 'refused',
  OptInRequired: 'refused',
  SignatureDoesNotMatch: 'refused',
  TokenProviderError: 'refused',
  UnrecognizedClientException: 'refused',
};

/** What an error means: one of AWS's, or what was already told of the ledger. */
export function kindOf(error: unknown): ErrorKind {
  if (error instanceof TranquilityError) return error.code === 'TRQ_LEASES_REFUSED' ? 'refused' : 'unreachable';
  const name = error instanceof Error ? error.name : '';
  return kinds[name] ?? 'unreachable';
}

/** An error in words, with the name that AWS gives it, and without the secrets of ours that AWS repeats. */
export function describe(error: unknown): string {
  return withoutSecrets(textOf(error));
}

/** What is wrong with a signature is told with the request that was signed. */
const withoutSecrets = (text: string): string =>
  text.replace(/(x-amz-security-token\s*[:=]\s*|Credential=)[^\s,'"&]+/gi, '$1***');

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message } = error;
  const text = message === '' || message === 'UnknownError' ? 'no reason given' : message;
  const cause = error.cause instanceof Error && !text.includes(error.cause.message) ? ` (${error.cause.message})` : '';
  return name === 'Error' ? `${text}${cause}` : `${name}: ${text}${cause}`;
}

/** An error of AWS's or of ours as a sentence. */
export const sentenceOf = (error: unknown): string =>
  error instanceof TranquilityError ? messageOf(error) : `${describe(error)}.`;

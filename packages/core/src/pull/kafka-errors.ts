/** The error codes of the Kafka protocol that the endpoint answers with. */
export const kafkaErrors = {
  none: 0,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  notLeader: 6,
  unsupportedSaslMechanism: 33,
  unsupportedVersion: 35,
  invalidRequest: 42,
  storageError: 56,
  saslAuthenticationFailed: 58,
  fetchSessionNotFound: 70,
} as const;

/** What one peer, and all peers together, may take of us. */
export interface EndpointLimits {
  /** The most bytes of a request. Default 256 KiB: a Fetch of some thousand partitions. */
  readonly requestBytes: number;
  /** The most connections. Default 256; one more is closed at once. */
  readonly connections: number;
  /** How many requests of one connection may wait, before no more is read from it. Default 16. They are answered one by one. */
  readonly waitingRequests: number;
  /**
   * The most bytes that one Fetch gives, but for a single batch that is larger. Default 16 MiB. Where less than half of `pendingBytes`
   * would be left, each gives its connection's share of that half at most.
   */
  readonly fetchBytes: number;
  /** The most bytes of all answers that are on their way, and of what is read to find a time. Default 256 MiB. What is beyond it waits. */
  readonly pendingBytes: number;
  /** The longest, in milliseconds, that a Fetch waits for events, whatever it asks for. Default 30 s. */
  readonly fetchWait: number;
  /** Milliseconds within which a new connection must show who it is and ask for something. Default 10 s. */
  readonly handshake: number;
  /** Milliseconds within which a request that has begun must be complete, and an answer be taken. Default 60 s. */
  readonly transfer: number;
  /** Milliseconds after which a connection on which nothing moves is closed. Default 10 minutes, as in Kafka. */
  readonly idle: number;
}

export const defaultLimits: EndpointLimits = {
  requestBytes: 256 * 1024,
  connections: 256,
  waitingRequests: 16,
  fetchBytes: 16 * 1024 * 1024,
  pendingBytes: 256 * 1024 * 1024,
  fetchWait: 30_000,
  handshake: 10_000,
  transfer: 60_000,
  idle: 600_000,
};

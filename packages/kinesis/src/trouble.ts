/** Something that is not as it should be, and that the connector gets over. */
export interface KinesisTrouble {
  readonly kind:
    /** Kinesis, or the ledger of leases, does not answer. */
    | 'disconnected'
    /** Credentials have expired, a right is missing, or a ledger of leases cannot be used. */
    | 'refused'
    /** More is asked of a shard than it gives. */
    | 'throttled'
    /** Records may have been deleted before they were read. */
    | 'lost-records'
    /** The stream is another one than that of which the leases tell. */
    | 'another-stream'
    /** A stream was deleted. */
    | 'deleted'
    /** No stream matches. */
    | 'no-streams'
    /** A packed record holds what belongs to other shards. */
    | 'outside-shard';
  readonly message: string;
  readonly stream?: string;
  readonly shard?: string;
}

/** How events are taken, and how it is told what became of them. */
export interface DruidOptions {
  /**
   * - `true` (default): outcomes come in the order of their events.
   * - `false`: outcomes come as they are known. A task that is slow or still starting holds up only the outcomes of its own events.
   *
   * What `overflow` drops is told at once in either case.
   */
  readonly ordered?: boolean;
  /**
   * What becomes of an event that could not be delivered:
   * - `error` (default): the whole ends with its error.
   * - `outcome`: it is an outcome with the status `failed`, and the others go on.
   */
  readonly onFailure?: 'error' | 'outcome';
  /**
   * What becomes of an event that comes while the sender is full, as its source cannot be told to wait:
   * - `buffer` (default): it waits among up to `bufferSize`. One more, and the whole ends with TRQ_BUFFER_FULL.
   * - `drop-oldest`: as `buffer`, but one more drops the one that has waited longest, with the reason `overflow`.
   * - `drop-newest`: as `buffer`, but one more is itself dropped.
   * - `error`: the whole ends with TRQ_BUFFER_FULL at once. Events may still wait until the sender is open.
   */
  readonly overflow?: 'buffer' | 'drop-oldest' | 'drop-newest' | 'error';
  /** How many events may wait here, beside those in the sender. Default 65,536. */
  readonly bufferSize?: number;
}

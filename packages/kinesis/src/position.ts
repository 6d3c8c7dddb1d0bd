/** A record's place in its shard. As a text: the sequence number, and `:` and its place within where several are packed. */
export class Position {
  readonly sequenceNumber: string;
  readonly subSequenceNumber: number;

  constructor(sequenceNumber: string, subSequenceNumber: number) {
    this.sequenceNumber = sequenceNumber;
    this.subSequenceNumber = subSequenceNumber;
  }

  /** Whether it lies behind another one of the same shard. */
  isAfter(other: Position): boolean {
    const order = compareSequences(this.sequenceNumber, other.sequenceNumber);
    return order === 0 ? this.subSequenceNumber > other.subSequenceNumber : order > 0;
  }

  toString(): string {
    return this.subSequenceNumber === 0 ? this.sequenceNumber : `${this.sequenceNumber}:${this.subSequenceNumber}`;
  }
}

/** Sequence numbers are decimals of any length. */
function compareSequences(one: string, other: string): number {
  if (one === other) return 0;
  if (one.length !== other.length) return one.length - other.length;
  return one > other ? 1 : -1;
}

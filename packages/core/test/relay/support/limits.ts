/** How many events are sent at a time. */
export const batchRows = 20;

/** Properties by which the journal is read in small groups. */
export const limits = { 'tranquility.maxBatchBytes': 4_096, 'tranquility.maxPendingBatches': 3 };

/** A row has more bytes than this in the journal. */
export const leastRowBytes = 50;

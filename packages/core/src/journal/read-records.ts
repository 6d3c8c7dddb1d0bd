import { layout } from './batch-header.js';
import { VarintReader } from './varint.js';

/**
 * The value of each record of a batch, in order. The batch must be intact; the values are views on it.
 * @param at where the batch begins.
 */
export function* recordValues(bytes: Buffer, at = 0): Generator<Buffer> {
  const varints = new VarintReader(bytes, at + layout.records);
  for (let left = bytes.readInt32BE(at + layout.count); left > 0; left--) {
    const size = varints.next();
    const end = varints.at + size;
    varints.at += 1;
    varints.next();
    varints.next();
    const key = varints.next();
    varints.at += Math.max(0, key);
    const length = varints.next();
    yield bytes.subarray(varints.at, varints.at + Math.max(0, length));
    varints.at = end;
  }
}

/** The Castagnoli polynomial, its bits turned round. */
const polynomial = 0x82f63b78;
const slices = 8;
const entry = (table: Int32Array, at: number): number => table[at] ?? 0;

const [t0, t1, t2, t3, t4, t5, t6, t7] = tables();

/**
 * CRC-32C, as Kafka's record batches and iSCSI have it. Eight bytes a step, each by a table of its own; sixteen were slower.
 * @returns 32 bits without a sign.
 */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let crc = -1;
  let at = start;
  for (const last = end - slices; at <= last; at += slices) {
    const low = crc ^ view.getInt32(at, true);
    const high = view.getInt32(at + 4, true);
    crc =
      entry(t7, low & 255) ^
      entry(t6, (low >>> 8) & 255) ^
      entry(t5, (low >>> 16) & 255) ^
      entry(t4, low >>> 24) ^
      entry(t3, high & 255) ^
      entry(t2, (high >>> 8) & 255) ^
      entry(t1, (high >>> 16) & 255) ^
      entry(t0, high >>> 24);
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ entry(t0, (crc ^ view.getUint8(at)) & 255);
  return (crc ^ -1) >>> 0;
}

type Tables = [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];

/** Table k says what a byte does to the sum when k bytes come after it. */
function tables(): Tables {
  const all = Array.from({ length: slices }, () => new Int32Array(256)) as Tables;
  for (let value = 0; value < 256; value++) {
    let crc = value;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0);
    all[0][value] = crc;
  }
  for (let slice = 1; slice < slices; slice++) {
    const [before, table] = [all[slice - 1], all[slice]];
    if (before === undefined || table === undefined) break;
    for (let value = 0; value < 256; value++) {
      const crc = entry(before, value);
      table[value] = (crc >>> 8) ^ entry(all[0], crc & 255);
    }
  }
  return all;
}

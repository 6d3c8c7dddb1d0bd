const [minus, point, zero] = [45, 46, 48];

/** The longest text of a number in JSON. */
export const longestNumber = 25;

/**
 * Writes a number as JSON.stringify does, and quicker where it can: whole ones, and those with up to three decimals.
 * @returns where it ends
 */
export function writeNumber(block: Uint8Array, from: number, value: number): number {
  const size = Math.abs(value);
  if (!(size < 1e15)) return writeSlowly(block, from, value);
  let at = from;
  if (value < 0) block[at++] = minus;
  const whole = Math.floor(size);
  if (whole === size) return writeWhole(block, at, whole);
  const thousandths = Math.round(size * 1000);
  // Of decimals of up to 15 digits only one can be read as this number: so these are the shortest digits.
  if (thousandths >= 1e12 || thousandths / 1000 !== size) return writeSlowly(block, from, value);
  const decimals = thousandths - Math.floor(thousandths / 1000) * 1000;
  at = writeWhole(block, at, Math.floor(thousandths / 1000));
  block[at++] = point;
  const tenth = (decimals / 100) | 0;
  const hundredth = ((decimals / 10) | 0) - tenth * 10;
  const thousandth = decimals - tenth * 100 - hundredth * 10;
  block[at++] = zero + tenth;
  if (hundredth !== 0 || thousandth !== 0) block[at++] = zero + hundredth;
  if (thousandth !== 0) block[at++] = zero + thousandth;
  return at;
}

function writeSlowly(block: Uint8Array, from: number, value: number): number {
  const text = Number.isFinite(value) ? String(value) : 'null';
  for (let i = 0; i < text.length; i++) block[from + i] = text.charCodeAt(i);
  return from + text.length;
}

/** @param value a whole number below 10^15 */
function writeWhole(block: Uint8Array, from: number, value: number): number {
  if (value < 1e9) return writeDigits(block, from, value | 0, digitsOf(value));
  const upper = Math.floor(value / 1e9);
  const middle = writeDigits(block, from, upper | 0, digitsOf(upper));
  return writeDigits(block, middle, (value - upper * 1e9) | 0, 9);
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits++;
  return digits;
}

function writeDigits(block: Uint8Array, from: number, value: number, digits: number): number {
  let rest = value;
  for (let at = from + digits - 1; at >= from; at--) {
    const shorter = (rest / 10) | 0;
    block[at] = zero + rest - shorter * 10;
    rest = shorter;
  }
  return from + digits;
}

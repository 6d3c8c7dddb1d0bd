/** Texts and hashes as Java gives them, for values that came as JSON. */

/** `String.hashCode`: over UTF-16 units. */
export function javaHashCode(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0;
  return hash;
}

/**
 * What `String.valueOf` gives for the number that Jackson makes of a JSON literal: digits for an Integer, Long or BigInteger, Java's
 * notation for a Double.
 *
 * @param literal a number as JSON writes it: `7`, `-0`, `1.50`, `1e21`
 */
export function javaNumberText(literal: string): string {
  if (/^-?\d+$/.test(literal)) return literal === '-0' ? '0' : literal;
  return javaDoubleText(Number(literal));
}

/**
 * `Double.toString`: plain from 10^-3 to 10^7, otherwise with an exponent, and always with a digit behind the point. The digits are the
 * shortest that read back the same, as in Java 19 and later; earlier ones write a digit more for some numbers beyond 10^14 or so.
 */
export function javaDoubleText(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : value < 0 ? '-Infinity' : 'NaN';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) {
    const plain = String(value);
    return plain.includes('.') ? plain : `${plain}.0`;
  }
  const shortest = value.toExponential();
  // Where one digit would do, Java takes the nearest of two digits.
  const [digits = '', exponent = ''] = (shortest.includes('.') ? shortest : value.toExponential(1)).split('e');
  return `${digits}E${exponent.replace('+', '')}`;
}

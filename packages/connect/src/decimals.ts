/** A number in decimals, exact however many digits it has. */
export interface Decimal {
  readonly isNegative: boolean;
  /** Without zeros at either end; empty for zero. */
  readonly digits: string;
  /** Where the point stands: so many digits behind the begin of `digits`. */
  readonly point: number;
}

/** Each part ends where the next begins in one way only, so that a long text which is no number is soon known to be none. */
const form = /^([+-]?)(?=\.?\d)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/;

/** The number that a text is, as Java's BigDecimal reads it. @returns nothing for other texts. */
export function decimalOf(text: string): Decimal | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const all = withoutLastZeros(whole + fraction);
  const digits = all.replace(/^0+/, '');
  const zeros = all.length - digits.length;
  return {
    isNegative: sign === '-' && digits !== '',
    digits,
    point: digits === '' ? 0 : whole.length - zeros + Number(exponent),
  };
}

/** Below 0, 0 or above it, as `sort` wants it. */
export function compareDecimals(one: Decimal, other: Decimal): number {
  if (one.isNegative !== other.isNegative) return one.isNegative ? -1 : 1;
  const sizes = compareSizes(one, other);
  return one.isNegative ? -sizes : sizes;
}

function compareSizes(one: Decimal, other: Decimal): number {
  if (one.digits === '' || other.digits === '') return one.digits.length - other.digits.length;
  if (one.point !== other.point) return one.point - other.point;
  if (one.digits === other.digits) return 0;
  return one.digits < other.digits ? -1 : 1;
}

/** By hand: an expression for zeros at the end looks at every run of them up to there. */
function withoutLastZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}

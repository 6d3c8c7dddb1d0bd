import type { AvroInput } from './avro-input.js';

type Read = (input: AvroInput) => unknown;

const millisPerDay = 86_400_000;

/**
 * What a logical type makes of the values of the type beneath it: dates and instants become epoch milliseconds, a decimal its digits as
 * text, a duration text of ISO 8601. Types that are not known, or stand on a wrong type, say nothing, as Avro has it.
 */
export function logical(schema: Readonly<Record<string, unknown>>, beneath: string, read: Read): Read {
  switch (schema['logicalType']) {
    case 'date':
      return beneath === 'int' ? (input) => Number(read(input)) * millisPerDay : read;
    case 'timestamp-micros':
    case 'local-timestamp-micros':
      return beneath === 'long' ? (input) => millisIn(read(input), 1_000) : read;
    case 'timestamp-nanos':
    case 'local-timestamp-nanos':
      return beneath === 'long' ? (input) => millisIn(read(input), 1_000_000) : read;
    case 'decimal':
      return beneath === 'bytes' || beneath === 'fixed' ? decimal(schema, read) : read;
    case 'duration':
      return beneath === 'fixed' && schema['size'] === 12 ? (input) => duration(read(input)) : read;
    default:
      return read;
  }
}

/** Whole milliseconds, rounded down: an instant before 1970 too. @param perMilli how many of the units are one. */
function millisIn(value: unknown, perMilli: number): number {
  if (typeof value === 'number') {
    // A quotient may be rounded up.
    const rest = value % perMilli;
    return (value - (rest < 0 ? rest + perMilli : rest)) / perMilli;
  }
  const [units, unit] = [value as bigint, BigInt(perMilli)];
  return Number(units % unit < 0n ? units / unit - 1n : units / unit);
}

function decimal({ scale = 0 }: Readonly<Record<string, unknown>>, read: Read): Read {
  if (!Number.isSafeInteger(scale) || (scale as number) < 0 || (scale as number) > 1000) return read;
  return (input) => decimalText(read(input) as Buffer, scale as number);
}

/** The longest unscaled value, in bytes: the text of a longer one would take long to make. */
const longestDecimal = 256;

function decimalText(bytes: Buffer, scale: number): string {
  if (bytes.length > longestDecimal) throw new Error(`A decimal in it has more than ${longestDecimal} bytes.`);
  const unscaled = bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const sign = unscaled < 0n ? '-' : '';
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function duration(value: unknown): string {
  const bytes = value as Buffer;
  const [months, days, millis] = [0, 4, 8].map((at) => bytes.readUInt32LE(at));
  return `P${months ?? 0}M${days ?? 0}DT${(millis ?? 0) / 1000}S`;
}

/** One value of DER, the notation of certificates and key stores. */
export interface DerValue {
  /** The first octet: class, form and number of the type. */
  readonly tag: number;
  readonly content: Buffer;
}

export const derTags = { octetString: 0x04, objectId: 0x06, sequence: 0x30, context0: 0xa0, implicit0: 0x80 } as const;

/** Reads a value and nothing behind it. @throws Error when the bytes are not DER. */
export function readDer(bytes: Buffer): DerValue {
  const [value, ...more] = readAllDer(bytes);
  if (value === undefined || more.length > 0) throw new Error('it is not in DER');
  return value;
}

/** Reads values one after another, such as the content of a sequence. */
export function readAllDer(bytes: Buffer): DerValue[] {
  const values: DerValue[] = [];
  let at = 0;
  while (at < bytes.length) {
    const { start, end } = extentAt(bytes, at);
    values.push({ tag: bytes[at] ?? 0, content: bytes.subarray(start, end) });
    at = end;
  }
  return values;
}

/** The dotted text of an object identifier's content: `1.2.840.113549.1.7.1`. */
export function objectIdText(content: Buffer): string {
  const numbers: number[] = [];
  let number = 0;
  for (const octet of content) {
    number = number * 128 + (octet & 0x7f);
    if (octet >= 0x80) continue;
    numbers.push(number);
    number = 0;
  }
  const [first = 0, ...rest] = numbers;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...rest].join('.');
}

function extentAt(bytes: Buffer, at: number): { start: number; end: number } {
  const first = bytes[at + 1] ?? 0x80;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || octets > 4 || at + 2 + octets > bytes.length) throw new Error('it is not in DER');
  const start = at + 2 + octets;
  const end = start + (octets === 0 ? first : bytes.readUIntBE(at + 2, octets));
  if (end > bytes.length) throw new Error('it ends too early');
  return { start, end };
}

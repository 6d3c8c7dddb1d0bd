/** The bytes are no Smile. */
export class SmileBroken extends Error {}

/** The bytes end within a value. */
export class SmileUnfinished extends Error {}

const mostShared = 1024;
const longestSharedText = 64;
const deepest = 1000;

/** The most bytes of a big integer, about a thousand digits: making text of one takes time that grows with their square. */
const mostBigBytes = 420;

/**
 * Reads values of Smile 1.0, all of its kinds: integers beyond 2^53 become BigInt, big decimals their text, bytes Base64. Names and texts that are
 * told by number are those of values before, names of any length as Jackson has it; a value that is cut leaves none behind.
 */
export class SmileParser {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #depth = 0;
  /** Whether the last value has integers in it that no number holds. */
  hasBigIntegers = false;
  #sharesNames = true;
  #sharesTexts = false;
  #names: string[] = [];
  #texts: string[] = [];
  readonly #mostText: number;
  #spelled = 0;

  /**
   * @param mostText the most characters that the names and texts of a value may have in all. Those that are told by number count each time: in two
   * bytes one may be told that is as long as everything before. Default: as many as there are.
   */
  constructor(mostText = Infinity) {
    this.#mostText = mostText;
  }

  /** The characters of the last value's names and texts. */
  get spelled(): number {
    return this.#spelled;
  }

  /** Reads the four bytes that a stream begins with. @returns where they end. @throws SmileBroken, SmileUnfinished. */
  readHeader(bytes: Buffer, at: number): number {
    if (bytes.length < at + 4) throw new SmileUnfinished();
    if (bytes.readUInt32BE(at) >>> 8 !== 0x3a290a) throw new SmileBroken('It does not begin with the header of Smile.');
    const flags = bytes[at + 3] ?? 0;
    if (flags >> 4 !== 0) throw new SmileBroken(`It is Smile of version ${flags >> 4}; only version 0 is known.`);
    this.#sharesNames = (flags & 1) !== 0;
    this.#sharesTexts = (flags & 2) !== 0;
    this.#names = [];
    this.#texts = [];
    return at + 4;
  }

  /** @throws SmileBroken, SmileUnfinished. */
  readValue(bytes: Buffer, at: number): { readonly value: unknown; readonly end: number } {
    [this.#bytes, this.#at, this.#depth, this.hasBigIntegers, this.#spelled] = [bytes, at, 0, false, 0];
    const [names, texts] = [[...this.#names], [...this.#texts]];
    try {
      return { value: this.#value(), end: this.#at };
    } catch (error) {
      [this.#names, this.#texts] = [names, texts];
      throw error;
    }
  }

  #value(): unknown {
    const token = this.#byte();
    const low = token & 0x1f;
    switch (token >> 5) {
      case 0:
        return token === 0 ? this.#broken(token) : this.#shared(this.#texts, low - 1);
      case 1:
        return this.#simple(token);
      case 2:
        return this.#text(low + 1);
      case 3:
        return this.#text(low + 33);
      case 4:
        return this.#text(low + 2);
      case 5:
        return this.#text(low + 34);
      case 6:
        return Number(zigzag(BigInt(low)));
      default:
        return this.#long(token);
    }
  }

  #simple(token: number): unknown {
    switch (token) {
      case 0x20:
        return '';
      case 0x21:
        return null;
      case 0x22:
        return false;
      case 0x23:
        return true;
      case 0x24:
      case 0x25:
        return this.#plain(zigzag(this.#variable()));
      case 0x26:
        return this.#plain(this.#bigInteger());
      case 0x28:
        return this.#float();
      case 0x29:
        return this.#double();
      case 0x2a: {
        const scale = Number(zigzag(this.#variable()));
        return this.#spell(decimalText(this.#bigInteger(), scale));
      }
      default:
        return this.#broken(token);
    }
  }

  #long(token: number): unknown {
    switch (token) {
      case 0xe0:
      case 0xe4:
        return this.#endedText();
      case 0xe8:
        return this.#packedBytes().toString('base64');
      case 0xec:
      case 0xed:
      case 0xee:
      case 0xef:
        return this.#shared(this.#texts, ((token & 3) << 8) | this.#byte());
      case 0xf8:
        return this.#array();
      case 0xfa:
        return this.#object();
      case 0xfd: {
        const length = Number(this.#variable());
        return this.#take(length).toString('base64');
      }
      default:
        return this.#broken(token);
    }
  }

  #array(): unknown[] {
    this.#enter();
    const values: unknown[] = [];
    while (this.#peek() !== 0xf9) values.push(this.#value());
    this.#at++;
    this.#depth--;
    return values;
  }

  #object(): Record<string, unknown> {
    this.#enter();
    const entries: [string, unknown][] = [];
    for (let token = this.#byte(); token !== 0xfb; token = this.#byte())
      entries.push([this.#name(token), this.#value()]);
    this.#depth--;
    // Unlike assignment, this has no names with a meaning of their own.
    return Object.fromEntries(entries);
  }

  #name(token: number): string {
    if (token === 0x20) return '';
    if (token >= 0x30 && token <= 0x33) return this.#shared(this.#names, ((token & 3) << 8) | this.#byte());
    if (token === 0x34) return this.#noteName(this.#endedText());
    if (token >= 0x40 && token <= 0x7f) return this.#shared(this.#names, token - 0x40);
    if (token >= 0x80 && token <= 0xbf) return this.#noteName(this.#utf8(token - 0x80 + 1));
    if (token >= 0xc0 && token <= 0xf7) return this.#noteName(this.#utf8(token - 0xc0 + 2));
    return this.#broken(token);
  }

  #noteName(name: string): string {
    if (this.#sharesNames) note(this.#names, name);
    return name;
  }

  #text(length: number): string {
    const text = this.#utf8(length);
    if (this.#sharesTexts && length <= longestSharedText) note(this.#texts, text);
    return text;
  }

  #shared(known: readonly string[], index: number): string {
    const text = known[index];
    if (text === undefined)
      throw new SmileBroken(`It refers to the text ${index}, of ${known.length} that came before.`);
    return this.#spell(text);
  }

  #endedText(): string {
    const end = this.#bytes.indexOf(0xfc, this.#at);
    if (end < 0) throw new SmileUnfinished();
    const text = this.#utf8(end - this.#at);
    this.#at++;
    return text;
  }

  #utf8(length: number): string {
    const bytes = this.#take(length);
    let text: string;
    try {
      text = strictUtf8.decode(bytes);
    } catch {
      throw new SmileBroken('A text is not valid UTF-8.');
    }
    return this.#spell(text);
  }

  #spell(text: string): string {
    this.#spelled += text.length;
    if (this.#spelled <= this.#mostText) return text;
    throw new SmileBroken(
      `Its names and texts, with those that are told by number, have more than the ${this.#mostText} characters that are allowed.`,
    );
  }

  /** Seven bits a byte, the last byte with its highest bit set and six. */
  #variable(): bigint {
    let value = 0n;
    for (let count = 0; count < 10; count++) {
      const byte = this.#byte();
      if (byte >= 0x80) return (value << 6n) | BigInt(byte & 0x3f);
      value = (value << 7n) | BigInt(byte);
    }
    throw new SmileBroken('An integer is longer than 64 bits.');
  }

  #float(): number {
    let bits = 0;
    for (const byte of this.#take(5)) bits = (bits << 7) | (byte & 0x7f);
    const view = Buffer.alloc(4);
    view.writeInt32BE(bits | 0);
    return view.readFloatBE();
  }

  #double(): number {
    let bits = 0n;
    for (const byte of this.#take(10)) bits = (bits << 7n) | BigInt(byte & 0x7f);
    const view = Buffer.alloc(8);
    view.writeBigUInt64BE(BigInt.asUintN(64, bits));
    return view.readDoubleBE();
  }

  #bigInteger(): bigint {
    const bytes = this.#packedBytes(mostBigBytes);
    return bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
  }

  /** Bytes of which each seven are written as eight, of seven bits. @throws SmileBroken for more than are allowed, before they are read. */
  #packedBytes(most = Infinity): Buffer {
    const length = Number(this.#variable());
    if (length > most) throw new SmileBroken(`A number has ${length} bytes; ${most} are allowed.`);
    const packed = this.#take(Math.ceil((length * 8) / 7));
    const bytes = Buffer.alloc(length);
    let [bits, count, out] = [0, 0, 0];
    for (const [at, byte] of packed.entries()) {
      const taken = at === packed.length - 1 ? length * 8 - at * 7 : 7;
      bits = (bits << taken) | (byte & 0x7f);
      count += taken;
      while (count >= 8) {
        count -= 8;
        bytes[out++] = (bits >> count) & 0xff;
      }
      bits &= 0xff;
    }
    return bytes;
  }

  #plain(value: bigint): number | bigint {
    if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) return Number(value);
    this.hasBigIntegers = true;
    return value;
  }

  #enter(): void {
    if (++this.#depth > deepest) throw new SmileBroken('The event is nested too deep.');
  }

  #take(length: number): Buffer {
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    if (bytes.length < length) throw new SmileUnfinished();
    this.#at += length;
    return bytes;
  }

  #byte(): number {
    const byte = this.#peek();
    this.#at++;
    return byte;
  }

  #peek(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new SmileUnfinished();
    return byte;
  }

  #broken(token: number): never {
    throw new SmileBroken(`The byte 0x${token.toString(16)} cannot stand where it does.`);
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const zigzag = (value: bigint): bigint => (value >> 1n) ^ -(value & 1n);

/** As Java's `BigDecimal.toPlainString`, for scales that a person would use. */
function decimalText(unscaled: bigint, scale: number): string {
  if (scale <= 0 || scale > 1000) return scale === 0 ? String(unscaled) : `${unscaled}E${-scale}`;
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** When there are too many, both sides forget them all. A number that would end in the bytes 0xFE or 0xFF is never told, but counts. */
function note(known: string[], text: string): void {
  if (known.length === mostShared) known.length = 0;
  known.push(text);
}

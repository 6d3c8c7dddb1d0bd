import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';

/** Of the scrypt that new hashes are made with: 16 MiB of memory and some 50 ms for each guess. */
const cost = { N: 16_384, r: 8, p: 1 };

const keyBytes = 32;

/** The most that a hash may ask of us: 64 MiB. */
const mostMemory = 64 * 1024 * 1024;

/** A password as it is kept: `scrypt$N$r$p$salt$key`, with salt and key in Base64. */
export class PasswordHash {
  readonly #salt: Buffer;
  readonly #key: Buffer;
  readonly #cost: typeof cost;

  private constructor(salt: Buffer, key: Buffer, its: typeof cost) {
    this.#salt = salt;
    this.#key = key;
    this.#cost = its;
  }

  static async of(password: string): Promise<PasswordHash> {
    const salt = randomBytes(16);
    return new PasswordHash(salt, await derive(password, salt, keyBytes, cost), cost);
  }

  /** @returns undefined when the text is none. */
  static parse(text: string): PasswordHash | undefined {
    const [, n, r, p, salt, key] = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w+/=-]+)\$([\w+/=-]+)$/.exec(text) ?? [];
    if (salt === undefined || key === undefined) return undefined;
    const its = { N: Number(n), r: Number(r), p: Number(p) };
    const isPowerOfTwo = its.N > 1 && its.N <= 2 ** 20 && (its.N & (its.N - 1)) === 0;
    if (!isPowerOfTwo || its.r < 1 || its.p < 1 || its.p > 16 || 128 * its.N * its.r > mostMemory) return undefined;
    const bytes = Buffer.from(key, 'base64');
    return bytes.length < 16 ? undefined : new PasswordHash(Buffer.from(salt, 'base64'), bytes, its);
  }

  async matches(password: string): Promise<boolean> {
    return timingSafeEqual(await derive(password, this.#salt, this.#key.length, this.#cost), this.#key);
  }

  toString(): string {
    const { N, r, p } = this.#cost;
    return `scrypt$${N}$${r}$${p}$${this.#salt.toString('base64')}$${this.#key.toString('base64')}`;
  }
}

function derive(password: string, salt: Buffer, length: number, options: typeof cost): Promise<Buffer> {
  const all: ScryptOptions = { ...options, maxmem: mostMemory * 2 };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, length, all, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

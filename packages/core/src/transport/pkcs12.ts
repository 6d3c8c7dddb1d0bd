import { createDecipheriv, createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { derTags, objectIdText, readAllDer, readDer, type DerValue } from './der.js';

/** What a PKCS #12 store holds, in DER. */
export interface Pkcs12 {
  readonly certificates: readonly Buffer[];
  /** Private keys as PKCS #8. */
  readonly keys: readonly Buffer[];
}

const ids = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  keyBag: '1.2.840.113549.1.12.10.1.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  passwordAndTripleDes: '1.2.840.113549.1.12.1.3',
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
};

const hashes = new Map([
  ['1.3.14.3.2.26', { name: 'sha1', length: 20, block: 64 }],
  ['2.16.840.1.101.3.4.2.4', { name: 'sha224', length: 28, block: 64 }],
  ['2.16.840.1.101.3.4.2.1', { name: 'sha256', length: 32, block: 64 }],
  ['2.16.840.1.101.3.4.2.2', { name: 'sha384', length: 48, block: 128 }],
  ['2.16.840.1.101.3.4.2.3', { name: 'sha512', length: 64, block: 128 }],
]);

const hmacs = new Map([
  ['1.2.840.113549.2.7', 'sha1'],
  ['1.2.840.113549.2.8', 'sha224'],
  ['1.2.840.113549.2.9', 'sha256'],
  ['1.2.840.113549.2.10', 'sha384'],
  ['1.2.840.113549.2.11', 'sha512'],
]);

const ciphers = new Map([
  ['1.2.840.113549.3.7', { name: 'des-ede3-cbc', keyLength: 24 }],
  ['2.16.840.1.101.3.4.1.2', { name: 'aes-128-cbc', keyLength: 16 }],
  ['2.16.840.1.101.3.4.1.22', { name: 'aes-192-cbc', keyLength: 24 }],
  ['2.16.840.1.101.3.4.1.42', { name: 'aes-256-cbc', keyLength: 32 }],
]);

const sha1 = { name: 'sha1', length: 20, block: 64 };
const purposes = { key: 1, iv: 2, mac: 3 };

/**
 * Reads a PKCS #12 store (RFC 7292). Node's own reader wants a private key in it, so it cannot read a trust store, and it
 * trusts what certificates it finds beside a key. Stores of Java since 2021, and of OpenSSL since 1.1 with AES or Triple DES,
 * can be read; not those whose certificates are encrypted with RC2, which Java wrote before.
 * @throws Error that says what is wrong with it, to follow its path: `it is not in DER`.
 */
export function readPkcs12(file: Buffer, password: string): Pkcs12 {
  const [, authSafe, mac] = readAllDer(sequence(readDer(file)));
  const safes = octets(contentOf(authSafe, ids.data));
  if (mac !== undefined) checkMac(mac, safes, password);
  const certificates: Buffer[] = [];
  const keys: Buffer[] = [];
  for (const safe of readAllDer(sequence(readDer(safes)))) {
    for (const bag of readAllDer(sequence(readDer(openSafe(safe, password))))) {
      const [id, wrapped] = readAllDer(sequence(bag));
      const value = content(wrapped, derTags.context0);
      const kind = objectId(id);
      if (kind === ids.certificateBag) {
        const [, certificate] = readAllDer(sequence(readDer(value)));
        certificates.push(octets(readDer(content(certificate, derTags.context0))));
      } else if (kind === ids.keyBag) {
        keys.push(value);
      } else if (kind === ids.shroudedKeyBag) {
        const [algorithm, encrypted] = readAllDer(sequence(readDer(value)));
        keys.push(decrypt(algorithm, octets(encrypted), password));
      }
    }
  }
  return { certificates, keys };
}

/** The bytes of a safe's bags, decrypted where they are not plain. */
function openSafe(safe: DerValue, password: string): Buffer {
  const [id] = readAllDer(sequence(safe));
  if (objectId(id) === ids.data) return octets(contentOf(safe, ids.data));
  const [, encryptedContent] = readAllDer(sequence(contentOf(safe, ids.encryptedData)));
  const [, algorithm, encrypted] = readAllDer(sequence(encryptedContent));
  return decrypt(algorithm, content(encrypted, derTags.implicit0), password);
}

function checkMac(mac: DerValue, safes: Buffer, password: string): void {
  const [digestInfo, salt, rounds] = readAllDer(sequence(mac));
  const [algorithm, expected] = readAllDer(sequence(digestInfo));
  const [id] = readAllDer(sequence(algorithm));
  const hash = hashes.get(objectId(id));
  if (hash === undefined) throw new Error(`its integrity check ${objectId(id)} is not one that can be read`);
  const key = deriveKey(hash, password, octets(salt), roundsOf(rounds), purposes.mac, hash.length);
  const digest = createHmac(hash.name, key).update(safes).digest();
  if (digest.length !== octets(expected).length || !timingSafeEqual(digest, octets(expected))) {
    throw new Error('the password is wrong, or it is damaged');
  }
}

function decrypt(algorithm: DerValue | undefined, bytes: Buffer, password: string): Buffer {
  const [id, parameters] = readAllDer(sequence(algorithm));
  const { cipher, key, iv } = cipherOf(objectId(id), readAllDer(sequence(parameters)), password);
  const decipher = createDecipheriv(cipher, key, iv);
  try {
    return Buffer.concat([decipher.update(bytes), decipher.final()]);
  } catch {
    throw new Error('the password is wrong, or it is damaged');
  }
}

function cipherOf(
  id: string,
  parameters: readonly DerValue[],
  password: string,
): { cipher: string; key: Buffer; iv: Buffer } {
  const [first, second] = parameters;
  if (id === ids.passwordAndTripleDes) {
    const derive = (purpose: number, length: number): Buffer =>
      deriveKey(sha1, password, octets(first), roundsOf(second), purpose, length);
    return { cipher: 'des-ede3-cbc', key: derive(purposes.key, 24), iv: derive(purposes.iv, 8) };
  }
  if (id !== ids.pbes2) throw unreadable(id);
  const [derivation, derivationParameters] = readAllDer(sequence(first));
  const [cipherId, iv] = readAllDer(sequence(second));
  const cipher = ciphers.get(objectId(cipherId));
  if (cipher === undefined) throw unreadable(objectId(cipherId));
  if (objectId(derivation) !== ids.pbkdf2) throw unreadable(objectId(derivation));
  const [salt, rounds, ...more] = readAllDer(sequence(derivationParameters));
  const key = pbkdf2Sync(password, octets(salt), roundsOf(rounds), cipher.keyLength, hmacOf(more));
  return { cipher: cipher.name, key, iv: octets(iv) };
}

/** Behind salt and rounds may stand the key's length and the hash; SHA-1 is the default. */
function hmacOf(parameters: readonly DerValue[]): string {
  const algorithm = parameters.find(({ tag }) => tag === derTags.sequence);
  if (algorithm === undefined) return 'sha1';
  const [id] = readAllDer(algorithm.content);
  const name = hmacs.get(objectId(id));
  if (name === undefined) throw unreadable(objectId(id));
  return name;
}

/** More than anybody uses; a damaged number shall not keep us busy for hours. */
const mostRounds = 10_000_000;

/** Makes bytes of a password as RFC 7292, appendix B.2, says. */
function deriveKey(
  hash: { name: string; length: number; block: number },
  password: string,
  salt: Buffer,
  rounds: number,
  purpose: number,
  length: number,
): Buffer {
  const { name, block } = hash;
  const text = Buffer.from(`${password}\0`, 'utf16le').swap16();
  const filled = (bytes: Buffer): Buffer =>
    Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes.length === 0 ? 0 : bytes);
  const input = Buffer.concat([filled(salt), filled(text)]);
  const parts: Buffer[] = [];
  for (let made = 0; made < length; made += hash.length) {
    let digest = createHash(name).update(Buffer.alloc(block, purpose)).update(input).digest();
    for (let round = 1; round < rounds; round++) digest = createHash(name).update(digest).digest();
    parts.push(digest);
    addToBlocks(input, Buffer.alloc(block, digest));
  }
  return Buffer.concat(parts).subarray(0, length);
}

/** Adds `addend` and 1 to each block of `input`, as big-endian numbers that overflow. */
function addToBlocks(input: Buffer, addend: Buffer): void {
  for (let start = 0; start < input.length; start += addend.length) {
    let carry = 1;
    for (let at = addend.length - 1; at >= 0; at--) {
      carry += (input[start + at] ?? 0) + (addend[at] ?? 0);
      input[start + at] = carry & 0xff;
      carry >>= 8;
    }
  }
}

function contentOf(info: DerValue | undefined, id: string): DerValue {
  const [type, wrapped] = readAllDer(sequence(info));
  if (objectId(type) !== id) throw new Error(`it has contents of the kind ${objectId(type)}, which cannot be read`);
  return readDer(content(wrapped, derTags.context0));
}

const sequence = (value: DerValue | undefined): Buffer => content(value, derTags.sequence);
const octets = (value: DerValue | undefined): Buffer => content(value, derTags.octetString);
const objectId = (value: DerValue | undefined): string => objectIdText(content(value, derTags.objectId));

function content(value: DerValue | undefined, tag: number): Buffer {
  if (value?.tag !== tag) throw new Error('it is not a PKCS12 store');
  return value.content;
}

function roundsOf(value: DerValue | undefined): number {
  if (value === undefined) return 1;
  const { content: number } = value;
  const rounds = number.length >= 1 && number.length <= 4 ? number.readUIntBE(0, number.length) : 0;
  if (rounds < 1 || rounds > mostRounds) throw new Error('it is not a PKCS12 store');
  return rounds;
}

const unreadable = (id: string): Error =>
  new Error(
    `it is encrypted in a way that is too old, or not known (${id}); copy it with Java 17: keytool -importkeystore -srckeystore OLD -destkeystore NEW -deststoretype PKCS12`,
  );

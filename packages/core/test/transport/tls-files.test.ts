import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseDataSource, readConfig } from '../../src/config/config.js';
import { readPkcs12 } from '../../src/transport/pkcs12.js';
import { readTls } from '../../src/transport/tls-files.js';
import { password, pathOf, read } from '../support/certificates.js';
import { flights } from '../support/configs.js';

const now = Date.parse('2026-03-05T10:20:00Z');
const subjects = (certificates: readonly Buffer[]): string[] =>
  certificates.map((der) => new X509Certificate(der).subject);

describe('PKCS #12', () => {
  it.each([
    ['keytool’s trust store', 'trust.p12', password, ['CN=stranger', 'CN=authority'], 0],
    ['a trust store without encryption', 'trust-open.p12', '', ['CN=authority'], 0],
    ['OpenSSL’s key store', 'client.p12', password, ['CN=client'], 1],
    ['keytool’s key store', 'client-java.p12', password, ['CN=client'], 1],
    ['Triple DES and SHA-1', 'client-3des.p12', password, ['CN=client'], 1],
    ['a chain', 'below.p12', password, ['CN=below', 'CN=middle', 'CN=authority'], 1],
  ])('is read: %s', (_, name, word, names, keys) => {
    const store = readPkcs12(read(name), word);
    expect(subjects(store.certificates).sort()).toEqual([...names].sort());
    expect(store.keys).toHaveLength(keys);
  });

  it('gives what was put in or an error, wherever a store is damaged', { timeout: 60_000 }, () => {
    const whole = read('trust.p12');
    const intact = readPkcs12(whole, password);
    let refused = 0;
    for (let at = 0; at < whole.length; at += 37) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0x5a;
      try {
        expect(readPkcs12(damaged, password)).toEqual(intact);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(25);
  });

  it('tells a store that was cut off, wherever', () => {
    const whole = read('trust-open.p12');
    for (let length = 0; length < whole.length; length++) {
      expect(() => readPkcs12(whole.subarray(0, length), '')).toThrow(
        /^it (is not in DER|is not a PKCS12 store|ends too early)$/,
      );
    }
  });
});

describe('the files of TLS', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tranquility-tls-files-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  async function problem(given: Record<string, string>, at = now): Promise<string> {
    const properties = Object.fromEntries(Object.entries(given).map(([name, value]) => [`druid.tls.${name}`, value]));
    const config = readConfig(flights({ 'druid.overlord.urls': 'https://localhost:8290', ...properties }));
    return readTls('druid.tls', chooseDataSource(config).properties, at).then(
      () => 'none',
      (error: unknown) => {
        const { code, message } = error as { code: string; message: string };
        return `${code} ${message}`;
      },
    );
  }

  it.each<[string, Record<string, string>]>([
    ['several authorities in PEM', { caPath: pathOf('authority.pem') }],
    ['a trust store', { trustStorePath: pathOf('trust.p12'), trustStorePassword: password, trustStoreType: 'PKCS12' }],
    ['a certificate and its key', { certPath: pathOf('client.pem'), keyPath: pathOf('client.key') }],
    [
      'an encrypted key',
      { certPath: pathOf('client.pem'), keyPath: pathOf('client-encrypted.key'), keyPassword: password },
    ],
    [
      'a key as OpenSSL 1 encrypts it',
      { certPath: pathOf('client.pem'), keyPath: pathOf('client-traditional.key'), keyPassword: password },
    ],
    ['a key store', { keyStorePath: pathOf('client-java.p12'), keyStorePassword: password }],
  ])('are read: %s', async (_, properties) => {
    expect(await problem(properties)).toBe('none');
  });

  const store = (name: string, word?: string): Record<string, string> => ({
    trustStorePath: pathOf(name),
    ...(word === undefined ? {} : { trustStorePassword: word }),
  });
  const pem = (cert: string, key: string, word?: string): Record<string, string> => ({
    certPath: pathOf(cert),
    keyPath: pathOf(key),
    ...(word === undefined ? {} : { keyPassword: word }),
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['is missing', { caPath: '/no/such.pem' }, /druid\.tls\.caPath: the file \/no\/such\.pem cannot be read: ENOENT/],
    ['has no certificate', { caPath: pathOf('client.key') }, /caPath: .*client\.key has no certificate in PEM/],
    [
      'is a key where a certificate should be',
      pem('client.key', 'client.key'),
      /certPath: .* has no certificate in PEM/,
    ],
    [
      'is a certificate where a key should be',
      pem('client.pem', 'client.pem'),
      /keyPath: .* has no private key in PEM/,
    ],
    [
      'is the key of another',
      pem('client.pem', 'server.key'),
      /keyPath: .*server\.key does not belong to .*client\.pem \(druid\.tls\.certPath\)/,
    ],
    [
      'is encrypted',
      pem('client.pem', 'client-encrypted.key'),
      /is encrypted\. Give its password as druid\.tls\.keyPassword/,
    ],
    [
      'has another password',
      pem('client.pem', 'client-encrypted.key', 'hidden'),
      /cannot be decrypted: druid\.tls\.keyPassword is wrong/,
    ],
    [
      'is a store with another password',
      store('trust.p12', 'hidden'),
      /trustStorePath: .*trust\.p12 cannot be read: the password is wrong/,
    ],
    [
      'is a store with a password',
      store('trust.p12'),
      /the password is wrong, .*\(druid\.tls\.trustStorePassword is not given\)/,
    ],
    [
      'is a JKS store',
      store('trust.jks', password),
      /is a JKS store, .*keytool -importkeystore -srckeystore \S*trust\.jks -destkeystore \S*trust\.jks\.p12 -deststoretype PKCS12/,
    ],
    ['is a store of an old Java', store('trust-rc2.p12', password), /encrypted in a way that is too old.*Java 17/],
    ['is no store', store('client.pem', password), /client\.pem cannot be read: it (is not in DER|ends too early)/],
    [
      'is a key store without a key',
      { keyStorePath: pathOf('trust.p12'), keyStorePassword: password },
      /keyStorePath: .* has no private key/,
    ],
    [
      'has expired',
      { caPath: pathOf('over.pem') },
      /caPath: .* has no certificate that is valid now: that of CN=over expired on Jan {2}2/,
    ],
  ])('are refused with property and path: one %s', async (_, properties, message) => {
    const found = await problem(properties);
    expect(found).toMatch(/^TRQ_CONFIG_INVALID /);
    expect(found).toMatch(message);
    expect(found).not.toContain('hidden');
  });

  it('may have an authority among others that is over, but not a certificate of ours', async () => {
    const both = join(directory, 'both.pem');
    await writeFile(both, Buffer.concat([read('over.pem'), read('authority.pem')]));
    expect(await problem({ caPath: both })).toBe('none');
    expect(await problem(pem('over.pem', 'over.key'))).toMatch(/certPath: .*over\.pem .* expired on/);
    expect(await problem(pem('client.pem', 'client.key'), Date.parse('2019-12-31'))).toMatch(/is valid from Jan {2}1/);
  });

  it('tell which of several certificates is damaged', async () => {
    const file = join(directory, 'damaged.pem');
    await writeFile(
      file,
      `${read('authority.pem').toString()}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
    );
    expect(await problem({ caPath: file })).toMatch(/damaged\.pem is damaged at its certificate 2/);
  });
});

import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { SecureVersion, TlsOptions } from 'node:tls';
import type { PropertyValues } from '../config/properties.js';
import type { Secret } from '../config/secret.js';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import { readPkcs12, type Pkcs12 } from './pkcs12.js';
import { TlsClient, type TlsMaterial } from './tls-client.js';

type ClientPrefix = 'druid.tls' | 'pull.kafka.tls' | 'zookeeper.tls';
type ServerPrefix = 'append.endpoint.tls' | 'https' | 'pull.endpoint.tls';

/** The values of properties by name; those of TLS are texts and secrets. */
type Values = Readonly<Record<string, unknown>>;

/** A file, and the property that names it. */
interface Source {
  readonly property: string;
  readonly path: string;
}

const jks = [0xfeedfeed, 0xcececece];

/**
 * Reads the files that the properties of TLS name.
 * @param now the time, in epoch milliseconds, at which certificates must be valid.
 * @throws TRQ_CONFIG_INVALID, with property and path, for a file that is missing, broken, expired, or not opened by its
 * password.
 */
export async function readTls(prefix: ClientPrefix, properties: PropertyValues, now: number): Promise<TlsClient> {
  return new TlsClient(await readTlsMaterial(prefix, properties, now));
}

/**
 * Reads the files that the properties of TLS name, for a client.
 * @param prefix what their names begin with.
 * @throws TRQ_CONFIG_INVALID, as `readTls` does.
 */
export async function readTlsMaterial(prefix: string, properties: Values, now: number): Promise<TlsMaterial> {
  const serverName = properties[`${prefix}.serverName`] as string | undefined;
  const material = await readMaterial(prefix, properties, now);
  return { ...material, ...(serverName === undefined ? {} : { serverName }) };
}

/** What a server of ours shows, and whom it believes. */
export interface TlsServer {
  /** Its certificate in PEM, those of its authorities behind it. */
  readonly chain: string;
  readonly key: KeyObject;
  /** Certificates in PEM of those who vouch for clients, where the config names any. */
  readonly authorities?: readonly string[];
  /** Default TLSv1.2. */
  readonly oldestVersion?: SecureVersion;
}

/** What `node:tls` and `node:https` take it as. */
export function serverOptions({ chain, key, authorities, oldestVersion = 'TLSv1.2' }: TlsServer): TlsOptions {
  return {
    cert: chain,
    key: key.export({ type: 'pkcs8', format: 'pem' }),
    minVersion: oldestVersion,
    ...(authorities === undefined ? {} : { ca: [...authorities], requestCert: true, rejectUnauthorized: true }),
  };
}

/**
 * Reads the files of a server that speaks TLS: `https.certPath`, `https.keyPath` and the like.
 * @returns nothing when neither a certificate nor a key store is given.
 * @throws TRQ_CONFIG_INVALID, as `readTls` does.
 */
export async function readServerTls(
  prefix: ServerPrefix,
  properties: Values,
  now: number,
): Promise<TlsServer | undefined> {
  const { identity, ...others } = await readMaterial(prefix, properties, now);
  return identity === undefined ? undefined : { ...identity, ...others };
}

async function readMaterial(prefix: string, properties: Values, now: number): Promise<TlsMaterial> {
  const authorities = [
    ...(await readAuthorities(sourceOf(`${prefix}.caPath`, properties), now)),
    ...(await readTrustStore(prefix, properties, now)),
  ];
  const identity = (await readPemIdentity(prefix, properties)) ?? (await readKeyStore(prefix, properties));
  if (identity !== undefined) checkTime(identity.source, identity.certificates.slice(0, 1), now);
  const material: TlsMaterial = {
    oldestVersion: properties[`${prefix}.protocol`] as SecureVersion,
    ...(authorities.length === 0 ? {} : { authorities: authorities.map(String) }),
    ...(identity === undefined ? {} : { identity: { chain: identity.certificates.join('\n'), key: identity.key } }),
  };
  const source =
    identity?.source ?? sourceOf(`${prefix}.caPath`, properties) ?? sourceOf(`${prefix}.trustStorePath`, properties);
  if (source !== undefined) checkWith(source, new TlsClient(material));
  return material;
}

/** OpenSSL has rules of its own, for the strength of keys and signatures. */
function checkWith(source: Source, client: TlsClient): void {
  try {
    client.check();
  } catch (error) {
    throw fault(source, `is not taken by OpenSSL: ${messageOf(error)}`);
  }
}

interface Identity {
  /** Ours first. */
  readonly certificates: readonly X509Certificate[];
  readonly key: KeyObject;
  readonly source: Source;
}

async function readAuthorities(source: Source | undefined, now: number): Promise<readonly X509Certificate[]> {
  if (source === undefined) return [];
  const certificates = await readPemCertificates(source);
  checkTime(source, certificates, now);
  return certificates;
}

async function readTrustStore(prefix: string, properties: Values, now: number): Promise<readonly X509Certificate[]> {
  const source = sourceOf(`${prefix}.trustStorePath`, properties);
  if (source === undefined) return [];
  const store = await readStore(source, secretOf(`${prefix}.trustStorePassword`, properties));
  const certificates = certificatesOf(source, store);
  checkTime(source, certificates, now);
  return certificates;
}

async function readPemIdentity(prefix: string, properties: Values): Promise<Identity | undefined> {
  const source = sourceOf(`${prefix}.certPath`, properties);
  const keySource = sourceOf(`${prefix}.keyPath`, properties);
  if (source === undefined || keySource === undefined) return undefined;
  const certificates = await readPemCertificates(source);
  const key = await readPemKey(keySource, `${prefix}.keyPassword`, secretOf(`${prefix}.keyPassword`, properties));
  if (certificates[0]?.checkPrivateKey(key) !== true) {
    throw fault(keySource, `does not belong to the first certificate of ${source.path} (${source.property})`);
  }
  return { certificates, key, source };
}

async function readKeyStore(prefix: string, properties: Values): Promise<Identity | undefined> {
  const source = sourceOf(`${prefix}.keyStorePath`, properties);
  if (source === undefined) return undefined;
  const store = await readStore(source, secretOf(`${prefix}.keyStorePassword`, properties));
  const [der, ...others] = store.keys;
  if (der === undefined) throw fault(source, 'has no private key in it');
  if (others.length > 0) throw fault(source, `has ${store.keys.length} private keys in it. Leave one`);
  const key = readStoredKey(source, der);
  const all = certificatesOf(source, store);
  const own = all.find((certificate) => certificate.checkPrivateKey(key));
  if (own === undefined) throw fault(source, 'has no certificate of its private key in it');
  return { certificates: chainOf(own, all), key, source };
}

function readStoredKey(source: Source, der: Buffer): KeyObject {
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch {
    throw fault(source, 'has a private key in it of a kind that OpenSSL does not know');
  }
}

/** A certificate, the one that vouches for it, and so on; the root, which servers know, is left out. */
function chainOf(own: X509Certificate, all: readonly X509Certificate[]): readonly X509Certificate[] {
  const chain = [own];
  for (;;) {
    const last = chain.at(-1) ?? own;
    const issuer = all.find((certificate) => !chain.includes(certificate) && last.checkIssued(certificate));
    if (issuer === undefined || issuer.checkIssued(issuer)) return chain;
    chain.push(issuer);
  }
}

async function readPemCertificates(source: Source): Promise<readonly X509Certificate[]> {
  const text = (await read(source)).toString('latin1');
  const blocks = text.match(/-----BEGIN (TRUSTED )?CERTIFICATE-----[^-]*-----END \1?CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw fault(source, 'has no certificate in PEM in it (-----BEGIN CERTIFICATE-----)');
  return blocks.map((block, index) => readCertificate(source, block, index));
}

async function readPemKey(source: Source, passwordProperty: string, password?: string): Promise<KeyObject> {
  const text = (await read(source)).toString('latin1');
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    throw fault(source, 'has no private key in PEM in it (-----BEGIN PRIVATE KEY-----)');
  }
  const isEncrypted = /-----BEGIN ENCRYPTED |Proc-Type: 4,ENCRYPTED/.test(text);
  if (isEncrypted && password === undefined)
    throw fault(source, `is encrypted. Give its password as ${passwordProperty}`);
  try {
    return createPrivateKey({ key: text, ...(password === undefined ? {} : { passphrase: password }) });
  } catch {
    throw fault(
      source,
      isEncrypted ? `cannot be decrypted: ${passwordProperty} is wrong, or the file is damaged` : 'is damaged',
    );
  }
}

async function readStore(source: Source, password: string | undefined): Promise<Pkcs12> {
  const bytes = await read(source);
  if (bytes.length >= 4 && jks.includes(bytes.readUInt32BE(0))) {
    const { path } = source;
    const command = `keytool -importkeystore -srckeystore ${path} -destkeystore ${path}.p12 -deststoretype PKCS12`;
    throw fault(source, `is a JKS store, which only Java reads. Convert it: ${command}`);
  }
  try {
    return readPkcs12(bytes, password ?? '');
  } catch (error) {
    const hint = password === undefined ? ` (${source.property.replace(/Path$/, 'Password')} is not given)` : '';
    throw fault(source, `cannot be read: ${messageOf(error)}${hint}`);
  }
}

function certificatesOf(source: Source, { certificates }: Pkcs12): readonly X509Certificate[] {
  if (certificates.length === 0) throw fault(source, 'has no certificate in it');
  return certificates.map((der, index) => readCertificate(source, der, index));
}

function readCertificate(source: Source, bytes: Buffer | string, index: number): X509Certificate {
  try {
    return new X509Certificate(bytes);
  } catch {
    throw fault(source, `is damaged at its certificate ${index + 1}`);
  }
}

/** Of authorities, a few may be over. */
function checkTime(source: Source, certificates: readonly X509Certificate[], now: number): void {
  if (certificates.some((it) => Date.parse(it.validFrom) <= now && now < Date.parse(it.validTo))) return;
  const [first] = certificates;
  if (first === undefined) return;
  const when =
    now < Date.parse(first.validFrom) ? `is valid from ${first.validFrom} on only` : `expired on ${first.validTo}`;
  throw fault(source, `has no certificate that is valid now: that of ${nameOf(first)} ${when}`);
}

const nameOf = ({ subject }: X509Certificate): string => subject.replaceAll('\n', ', ');

async function read(source: Source): Promise<Buffer> {
  try {
    return await readFile(source.path);
  } catch (error) {
    throw fault(source, `cannot be read: ${messageOf(error)}`);
  }
}

function sourceOf(
  property: `${string}.${'caPath' | 'certPath' | 'keyPath' | 'keyStorePath' | 'trustStorePath'}`,
  properties: Values,
): Source | undefined {
  const path = properties[property] as string | undefined;
  return path === undefined ? undefined : { property, path };
}

function secretOf(property: string, properties: Values): string | undefined {
  return (properties[property] as Secret | undefined)?.reveal();
}

function fault({ property, path }: Source, problem: string): TranquilityError {
  return new TranquilityError('TRQ_CONFIG_INVALID', `${property}: the file ${path} ${problem}.`, {
    details: { property, path },
  });
}

import type { Cursor } from '../spec/cursor.js';
import type { PropertyName, PropertyValues } from './properties.js';

type Fail = (name: PropertyName, message: string) => void;

/** Notes what no single property shows: those of TLS and of credentials that contradict or miss one another. */
export function checkSecurity(values: PropertyValues, given: ReadonlyMap<string, Cursor>): void {
  const fail: Fail = (name, message) => given.get(name)?.fail(message);
  checkSchemes(values, fail);
  checkIdentity('druid.tls', values, fail);
  checkIdentity('zookeeper.tls', values, fail);
  checkIdentity('append.endpoint.tls', values, fail);
  checkIdentity('pull.endpoint.tls', values, fail);
  checkIdentity('pull.kafka.tls', values, fail);
  checkUse(values, fail);
  checkCredentials(values, fail);
}

export const isTls = (url: string): boolean => url.startsWith('https:');

function checkSchemes(values: PropertyValues, fail: Fail): void {
  const wanted = values['druid.tls.enable'];
  const other = (values['druid.overlord.urls'] ?? []).find((url) => isTls(url) !== wanted);
  if (other === undefined) return;
  const why = wanted ? 'druid.tls.enable or another URL asks for TLS' : 'druid.tls.enable is false';
  fail('druid.overlord.urls', `has ${other}, but ${why}. Make them agree.`);
}

function checkIdentity(
  prefix: 'append.endpoint.tls' | 'druid.tls' | 'pull.endpoint.tls' | 'pull.kafka.tls' | 'zookeeper.tls',
  values: PropertyValues,
  fail: Fail,
): void {
  const [certPath, keyPath, storePath] = [`${prefix}.certPath`, `${prefix}.keyPath`, `${prefix}.keyStorePath`] as const;
  const needs = (missing: string): string => `needs ${missing} beside it: a certificate is of use only with its key.`;
  if (values[keyPath] === undefined && values[certPath] !== undefined) fail(certPath, needs(keyPath));
  if (values[certPath] === undefined && values[keyPath] !== undefined) fail(keyPath, needs(certPath));
  if (values[certPath] !== undefined && values[storePath] !== undefined) {
    fail(storePath, `says who we are, and so does ${certPath}. Keep one of them.`);
  }
}

const unused = ['caPath', 'certPath', 'keyPath', 'keyStorePath', 'serverName', 'trustStorePath'] as const;

function checkUse(values: PropertyValues, fail: Fail): void {
  if (values['zookeeper.tls.enable']) return;
  for (const key of unused) {
    const name = `zookeeper.tls.${key}` as const;
    if (values[name] !== undefined) fail(name, 'is of no use while zookeeper.tls.enable is false. Set that to true.');
  }
}

function checkCredentials(values: PropertyValues, fail: Fail): void {
  const { 'druidBeam.basicAuthUser': user, 'druidBeam.basicAuthPass': password } = values;
  if (user?.includes(':') === true) fail('druidBeam.basicAuthUser', 'has a colon in it, which Basic cannot express.');
  const all: [PropertyName, boolean][] = [
    ['druidBeam.basicAuthUser', user !== undefined && user !== ''],
    ['druidBeam.basicAuthPass', password !== undefined && password.reveal() !== ''],
    ['druidBeam.bearerToken', values['druidBeam.bearerToken'] !== undefined],
    ['druidBeam.bearerTokenPath', values['druidBeam.bearerTokenPath'] !== undefined],
    ['druidBeam.headers', values['druidBeam.headers']?.reveal()['authorization'] !== undefined],
  ];
  const [first, ...others] = all.filter(([, isThere]) => isThere).map(([name]) => name);
  for (const name of others) {
    if (name === 'druidBeam.basicAuthPass' && first === 'druidBeam.basicAuthUser') continue;
    fail(name, `says how we authenticate, and so does ${first}. Keep one of them.`);
  }
}

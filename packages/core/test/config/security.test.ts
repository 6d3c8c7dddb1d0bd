import { describe, expect, it } from 'vitest';
import { chooseDataSource, readConfig } from '../../src/config/config.js';
import type { PropertyValues } from '../../src/config/properties.js';
import { flights } from '../support/configs.js';

const plain = { 'druid.overlord.urls': 'http://a:1' };
const tls = { 'druid.overlord.urls': 'https://a:1' };

const valuesOf = (properties: Record<string, unknown>): PropertyValues =>
  chooseDataSource(readConfig(flights(properties))).properties;

describe('the properties of TLS', () => {
  it.each([
    [plain, false],
    [tls, true],
    [{ 'zookeeper.connect': 'zk' }, false],
    [{ 'zookeeper.connect': 'zk', 'druid.tls.enable': true }, true],
    [{ ...tls, 'druid.tls.enable': null }, true],
  ])('ask for TLS, or the URLs do: %j', (properties, expected) => {
    expect(valuesOf(properties)['druid.tls.enable']).toBe(expected);
  });

  it('are those of Tranquility too', () => {
    const properties = {
      'druid.tls.enable': 'true',
      'druid.tls.protocol': 'TLSv1.2',
      'druid.tls.trustStorePath': 'trust.p12',
      'druid.tls.trustStoreType': 'pkcs12',
      'druid.tls.trustStoreAlgorithm': 'PKIX',
      'druid.tls.trustStorePassword': 'p',
    };
    const values = valuesOf({ 'zookeeper.connect': 'zk', ...properties });
    expect(values).toMatchObject({ 'druid.tls.trustStorePath': 'trust.p12', 'druid.tls.trustStoreType': 'PKCS12' });
    expect(values['druid.tls.trustStorePassword']?.reveal()).toBe('p');
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [
      { ...tls, 'druid.tls.enable': false },
      /urls"\] has https:\/\/a:1, but druid\.tls\.enable is false\. Make them agree/,
    ],
    [{ ...plain, 'druid.tls.enable': true }, /urls"\] has http:\/\/a:1, but druid\.tls\.enable .* asks for TLS/],
    [{ 'druid.overlord.urls': 'https://a,http://b' }, /urls"\] has http:\/\/b, but .* another URL asks for TLS/],
    [{ ...tls, 'druid.tls.certPath': 'a' }, /certPath"\] needs druid\.tls\.keyPath beside it/],
    [{ ...tls, 'druid.tls.keyPath': 'a' }, /keyPath"\] needs druid\.tls\.certPath beside it/],
    [
      { ...tls, 'druid.tls.certPath': 'a', 'druid.tls.keyPath': 'a', 'druid.tls.keyStorePath': 'a' },
      /keyStorePath"\] says who we are, and so does druid\.tls\.certPath/,
    ],
    [{ ...plain, 'zookeeper.tls.certPath': 'a' }, /certPath"\] needs zookeeper\.tls\.keyPath beside it/],
    [{ ...plain, 'zookeeper.tls.caPath': 'a' }, /caPath"\] is of no use while zookeeper\.tls\.enable is false/],
    [{ ...tls, 'druid.tls.caPath': '' }, /caPath"\] is "", not the path of a file/],
    [{ ...tls, 'druid.tls.protocol': 'TLSv1.1' }, /is "TLSv1\.1", not one of: TLSv1\.2, TLSv1\.3/],
    [
      { ...tls, 'druid.tls.trustStoreType': 'JKS' },
      /is "JKS"\. Only PKCS12 is read\. Convert it: keytool -importkeystore/,
    ],
    [{ ...tls, 'druid.tls.trustStoreAlgorithm': 'SunX509' }, /always checked as PKIX/],
  ])('that contradict one another are refused: %j', (properties, problem) => {
    expect(() => valuesOf(properties)).toThrow(problem);
  });
});

describe('credentials', () => {
  const basic = { 'druidBeam.basicAuthUser': 'u', 'druidBeam.basicAuthPass': 'p' };
  const token = { 'druidBeam.bearerToken': 't' };
  const file = { 'druidBeam.bearerTokenPath': 'f' };
  const header = { 'druidBeam.headers': { Authorization: 'x' } };

  it.each([
    ['druidBeam.bearerToken', { ...basic, ...token }],
    ['druidBeam.bearerTokenPath', { ...token, ...file }],
    ['druidBeam.headers', { ...basic, ...header }],
  ])('are of one kind: %s is refused beside another', (name, properties) => {
    expect(() => valuesOf({ ...plain, ...properties })).toThrow(
      `properties["${name}"] says how we authenticate, and so does druidBeam.`,
    );
  });

  it.each<[unknown]>([
    ['{"a": 1}'],
    ['a: b'],
    [{ a: 'b\nc: d' }],
    [{ 'a b': 'c' }],
    [{ Host: 'a' }],
    [{ 'content-type': 'a' }],
  ])('of headers that cannot be sent, or are ours, are refused: %j', (headers) => {
    expect(() => valuesOf({ ...plain, 'druidBeam.headers': headers })).toThrow(
      /headers"\] is a secret, not an object of header names and texts/,
    );
  });

  it('have no colon in the user’s name', () => {
    expect(() => valuesOf({ ...plain, ...basic, 'druidBeam.basicAuthUser': 'a:b' })).toThrow(/has a colon in it/);
  });
});

describe('druid.addresses', () => {
  it.each<[unknown, unknown[]]>([
    ['a:1=b:2', [{ host: 'a', port: 1, target: { host: 'b', port: 2 } }]],
    [
      'a = b , *.c=d:3',
      [
        { host: 'a', target: { host: 'b' } },
        { host: '*.c', target: { host: 'd', port: 3 } },
      ],
    ],
    ['[::1]:1=[::2]', [{ host: '::1', port: 1, target: { host: '::2' } }]],
    [{ '*': 'https://b' }, [{ host: '*', target: { host: 'b', scheme: 'https' } }]],
  ])('is read: %j', (given, expected) => {
    expect(valuesOf({ ...plain, 'druid.addresses': given })['druid.addresses']).toEqual(expected);
  });

  it.each<[unknown]>([
    [''],
    ['a'],
    ['a='],
    ['=b'],
    ['a=b=c'],
    ['a=*'],
    ['a:0=b'],
    ['a:70000=b'],
    ['a=ftp://b'],
    ['http://a=b'],
    ['a=b/c'],
    [{ a: 1 }],
  ])('is refused: %j', (given) => {
    expect(() => valuesOf({ ...plain, 'druid.addresses': given })).toThrow(/addresses"\] is .*, not a list of from=to/);
  });
});

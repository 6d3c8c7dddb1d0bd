import type { PropertyName, PropertyValues } from './properties.js';

type Prefix = 'append.endpoint' | 'pull.endpoint' | 'pull.kafka';
type Fail = (name: PropertyName, message: string) => void;

const files = ['caPath', 'certPath', 'keyPath', 'keyStorePath', 'trustStorePath'] as const;

/** Notes a server that is to speak TLS without a certificate. */
export function checkCertificate(prefix: Exclude<Prefix, 'pull.kafka'>, values: PropertyValues, fail: Fail): void {
  const { [`${prefix}.tls.certPath` as const]: certificate, [`${prefix}.tls.keyStorePath` as const]: store } = values;
  if (!values[`${prefix}.tls.enable`] || certificate !== undefined || store !== undefined) return;
  const which = `Set ${prefix}.tls.certPath and keyPath, or keyStorePath.`;
  fail(`${prefix}.tls.enable`, `is true, but a server needs a certificate. ${which}`);
}

/** Notes files of TLS where none is spoken. */
export function checkTlsUse(prefix: Prefix, values: PropertyValues, fail: Fail): void {
  if (values[`${prefix}.tls.enable`]) return;
  for (const key of files) {
    const name = `${prefix}.tls.${key}` as const;
    if (values[name] !== undefined) fail(name, `is of no use while ${prefix}.tls.enable is false. Set that to true.`);
  }
}

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The password of all keys and stores. */
export const password = 'of-no-worth';

/** The path of a file that tools/fixtures/certificates.sh has made. */
export const pathOf = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));

export const read = (name: string): Buffer => readFileSync(pathOf(name));

/** What a server needs to show a certificate. */
export const server = (name: string): { cert: Buffer; key: Buffer } => ({
  cert: read(`${name}.pem`),
  key: read(`${name}.key`),
});

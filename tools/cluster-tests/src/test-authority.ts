import { execFile } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readPkcs12 } from '../../../packages/core/src/transport/pkcs12.js';

const run = promisify(execFile);

/** A certificate and its key, in the forms that programs ask for. */
export interface Issued {
  /** A PKCS12 store, with the authority's password. */
  readonly storePath: string;
  readonly certPath: string;
  readonly keyPath: string;
}

/** An authority that keytool makes for one run, with all its files in a directory of its own. */
export class TestAuthority implements AsyncDisposable {
  /** Of all its stores. */
  readonly password = 'of-no-worth';
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async create(): Promise<TestAuthority> {
    const authority = new TestAuthority(await mkdtemp(join(tmpdir(), 'tranquility-authority-')));
    await authority.#keytool(
      'authority',
      '-genkeypair',
      '-keyalg',
      'EC',
      '-dname',
      'CN=test authority',
      '-ext',
      'bc:c',
    );
    await authority.#keytool('authority', '-exportcert', '-rfc', '-file', authority.caPath);
    return authority;
  }

  /** The certificate of the authority, in PEM. */
  get caPath(): string {
    return join(this.directory, 'authority.pem');
  }

  /** Makes a certificate, such as one for `san=dns:localhost`, in keytool's words. */
  async issue(name: string, extension: string): Promise<Issued> {
    const file = (ending: string): string => join(this.directory, `${name}.${ending}`);
    await this.#keytool(name, '-genkeypair', '-keyalg', 'EC', '-dname', `CN=${name}`);
    await this.#keytool(name, '-certreq', '-file', file('csr'));
    await this.#keytool('authority', '-gencert', '-infile', file('csr'), '-outfile', file('der'), '-ext', extension);
    await this.#keytool(name, '-importcert', '-noprompt', '-alias', 'authority', '-file', this.caPath);
    await this.#keytool(name, '-importcert', '-noprompt', '-file', file('der'));
    const { keys } = readPkcs12(await readFile(file('p12')), this.password);
    const key = createPrivateKey({ key: keys[0] ?? Buffer.alloc(0), format: 'der', type: 'pkcs8' });
    await writeFile(file('key'), key.export({ format: 'pem', type: 'pkcs8' }));
    await writeFile(file('pem'), new X509Certificate(await readFile(file('der'))).toString());
    return { storePath: file('p12'), certPath: file('pem'), keyPath: file('key') };
  }

  /** Makes a trust store as users of Java have it. */
  async trustStore(): Promise<string> {
    await this.#keytool('trust', '-importcert', '-noprompt', '-file', this.caPath);
    return join(this.directory, 'trust.p12');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true });
  }

  async #keytool(store: string, command: string, ...more: string[]): Promise<void> {
    const alias = more.includes('-alias') ? [] : ['-alias', store];
    const keystore = ['-keystore', join(this.directory, `${store}.p12`), '-storetype', 'PKCS12'];
    await run('keytool', [command, ...alias, ...more, ...keystore, '-storepass', this.password]);
  }
}

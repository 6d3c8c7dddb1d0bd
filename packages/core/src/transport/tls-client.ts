import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { checkServerIdentity, createSecureContext, type SecureContext, type SecureVersion } from 'node:tls';

/** Whom we trust, and who we are. */
export interface TlsMaterial {
  /** Certificates in PEM of those who vouch for servers. Default: those that Node trusts. */
  readonly authorities?: readonly string[];
  /** Our certificate in PEM, those of its authorities behind it, and its key. */
  readonly identity?: { readonly chain: string; readonly key: KeyObject };
  readonly oldestVersion?: SecureVersion;
  /** The name that a certificate must bear where the address is an IP. */
  readonly serverName?: string;
}

/** Options of `tls.connect`, by which only the right server is spoken to. */
interface ServerCheck {
  readonly rejectUnauthorized: true;
  readonly secureContext: SecureContext;
  readonly servername: string;
  readonly checkServerIdentity: typeof checkServerIdentity;
}

/** Makes connections with TLS. The certificate and the name of every server are checked, whatever the environment says. */
export class TlsClient {
  readonly #material: TlsMaterial;
  #context: SecureContext | undefined;

  constructor(material: TlsMaterial = {}) {
    this.#material = material;
  }

  /** The options of `tls.connect` for a server, wherever the connection to it leads. */
  optionsFor(host: string): ServerCheck {
    const { serverName } = this.#material;
    const name = isIP(host) === 0 || serverName === undefined ? host : serverName;
    return {
      rejectUnauthorized: true,
      secureContext: (this.#context ??= makeContext(this.#material)),
      servername: isIP(name) === 0 ? name : '',
      checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
    };
  }
}

function makeContext({ authorities, identity, oldestVersion = 'TLSv1.2' }: TlsMaterial): SecureContext {
  return createSecureContext({
    minVersion: oldestVersion,
    ...(authorities === undefined ? {} : { ca: [...authorities] }),
    ...(identity === undefined
      ? {}
      : { cert: identity.chain, key: identity.key.export({ type: 'pkcs8', format: 'pem' }) }),
  });
}

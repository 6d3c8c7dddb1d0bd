import { readAddressTarget, type AddressRule, type AddressTarget } from '../config/address-rules.js';
import { TranquilityError } from '../errors/tranquility-error.js';

/** Says where an address of Druid's, `host:port`, is reached: `host`, `host:port`, or either with a scheme before it. */
export type RewriteAddress = (address: string) => string | undefined;

/** Where to connect to, and as whom the server there is addressed. */
export interface Route {
  /** The server that is meant: its name is in the request, and is what its certificate must bear. */
  readonly origin: string;
  /** Where the connection goes, if not there. */
  readonly through?: { readonly host: string; readonly port: number };
}

/** Knows where addresses are reached that cannot be reached as Druid tells them. */
export class AddressMap {
  readonly #rules: readonly (AddressRule & { readonly pattern: RegExp })[];
  readonly #rewrite: RewriteAddress | undefined;
  /** Servers in their own right that stand for others: to these no rule is applied again. */
  readonly #standIns = new Set<string>();

  /** @param rewrite comes before the rules; where it gives nothing, they count. */
  constructor(rules: readonly AddressRule[] = [], rewrite?: RewriteAddress) {
    this.#rewrite = rewrite;
    this.#rules = rules
      .map((rule) => ({ ...rule, pattern: patternOf(rule.host) }))
      .sort((a, b) => rankOf(a) - rankOf(b));
  }

  get #isEmpty(): boolean {
    return this.#rules.length === 0 && this.#rewrite === undefined;
  }

  /** @throws TRQ_CONFIG_INVALID when the function gives what is no address. */
  route(origin: string): Route {
    if (this.#isEmpty || this.#standIns.has(origin)) return { origin };
    const { protocol, hostname, port: given } = new URL(origin);
    const port = given === '' ? (protocol === 'https:' ? 443 : 80) : Number(given);
    const target = this.#targetOf(hostname, port);
    if (target === undefined) return { origin };
    const { scheme, host, port: otherPort = port } = target;
    if (scheme === undefined) return { origin, through: { host, port: otherPort } };
    const { origin: standIn } = new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${otherPort}`);
    this.#standIns.add(standIn);
    return { origin: standIn };
  }

  #targetOf(hostname: string, port: number): AddressTarget | undefined {
    const address = `${hostname}:${port}`;
    const text = this.#rewrite?.(address);
    if (text !== undefined) {
      const target = readAddressTarget(text);
      if (target !== undefined) return target;
      throw new TranquilityError(
        'TRQ_CONFIG_INVALID',
        `rewriteAddress gave ${JSON.stringify(text)} for ${address}. It must give host, host:port, or either with http:// or https:// before it.`,
      );
    }
    const host = hostname.replace(/^\[|\]$/g, '');
    return this.#rules.find((rule) => rule.pattern.test(host) && (rule.port ?? port) === port)?.target;
  }
}

/** The more exact rule comes first; among equals, the one that was written first. */
const rankOf = ({ host, port }: AddressRule): number => (host.includes('*') ? 2 : 0) + (port === undefined ? 1 : 0);

function patternOf(host: string): RegExp {
  const text = host
    .split('*')
    .map((part) => part.replaceAll(/[.\\^$|?+()[\]{}]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${text}$`, 'i');
}

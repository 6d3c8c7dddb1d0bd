import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../config/secret.js';
import { ScramExchange, ScramUsers, type SaslStep } from './scram.js';

/** How a reader shows who it is. */
export const saslMechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

export type SaslMechanism = (typeof saslMechanisms)[number];

/** Who may read. */
export interface SaslOptions {
  /** Passwords by user. */
  readonly users: ReadonlyMap<string, Secret>;
  /** Default: the two of SCRAM, which never send the password. */
  readonly mechanisms?: readonly SaslMechanism[];
}

/** An exchange of messages at whose end it is known who the reader is. */
export interface SaslExchange {
  /** @throws Error, with words for the reader, when it is not who it says. */
  step(message: Buffer): Promise<SaslStep>;
}

/** Begins exchanges. */
export class Sasl {
  readonly mechanisms: readonly SaslMechanism[];
  readonly #users: ReadonlyMap<string, Secret>;
  readonly #scram: ReadonlyMap<SaslMechanism, ScramUsers>;

  constructor({ users, mechanisms = ['SCRAM-SHA-256', 'SCRAM-SHA-512'] }: SaslOptions) {
    this.mechanisms = mechanisms;
    this.#users = users;
    this.#scram = new Map([
      ['SCRAM-SHA-256', new ScramUsers('sha256', users)],
      ['SCRAM-SHA-512', new ScramUsers('sha512', users)],
    ]);
  }

  /** @returns `undefined` for a mechanism that is not offered. */
  begin(mechanism: string): SaslExchange | undefined {
    const offered = this.mechanisms.find((name) => name === mechanism);
    if (offered === undefined) return undefined;
    const users = this.#scram.get(offered);
    return users === undefined ? { step: (message) => this.#plain(message) } : new ScramExchange(users);
  }

  /** RFC 4616: whom to be, who one is, and the password, with a zero byte between them. */
  async #plain(message: Buffer): Promise<SaslStep> {
    const [authority, user, password, ...rest] = message.toString().split('\0');
    if (user === undefined || password === undefined || rest.length > 0)
      throw new Error('This is no message of PLAIN.');
    const expected = this.#users.get(user);
    const isRight = sameText(password, expected?.reveal() ?? '') && expected !== undefined;
    if (!isRight || (authority !== '' && authority !== user)) {
      throw new Error('The user is not known, or the password is wrong.');
    }
    return Promise.resolve({ answer: Buffer.alloc(0), user });
  }
}

/** Compares in a time that does not tell how much is the same. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

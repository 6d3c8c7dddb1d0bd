import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Secret } from '../config/secret.js';

const derive = promisify(pbkdf2);
const iterations = 4_096;
const nonceBytes = 18;

/** The hash of a mechanism: SCRAM-SHA-256 or SCRAM-SHA-512. */
export type ScramHash = 'sha256' | 'sha512';

/** What is kept of a password: enough to check a proof, too little to make one. */
interface Credential {
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** The users of one SCRAM mechanism (RFC 5802). A name that is not known is found wrong at the same step as a wrong password. */
export class ScramUsers {
  readonly hash: ScramHash;
  readonly #passwords: ReadonlyMap<string, Secret>;
  readonly #credentials = new Map<string, Promise<Credential>>();
  readonly #saltKey = randomBytes(32);

  constructor(hash: ScramHash, passwords: ReadonlyMap<string, Secret>) {
    this.hash = hash;
    this.#passwords = passwords;
  }

  has(user: string): boolean {
    return this.#passwords.has(user);
  }

  /** Who is not known has the salt of its name, which stays the same, and a key that no password gives. */
  async credential(user: string): Promise<Credential> {
    const password = this.#passwords.get(user);
    const salt = createHmac('sha256', this.#saltKey).update(user).digest().subarray(0, 16);
    if (password === undefined) {
      const noKey = randomBytes(createHash(this.hash).digest().length);
      return { salt, storedKey: noKey, serverKey: noKey };
    }
    let known = this.#credentials.get(user);
    if (known === undefined) {
      known = this.#derive(password.reveal(), salt);
      this.#credentials.set(user, known);
    }
    return known;
  }

  async #derive(password: string, salt: Buffer): Promise<Credential> {
    const { hash } = this;
    const size = createHash(hash).digest().length;
    const salted = await derive(password.normalize('NFKC'), salt, iterations, size, hash);
    const clientKey = createHmac(hash, salted).update('Client Key').digest();
    const serverKey = createHmac(hash, salted).update('Server Key').digest();
    return { salt, storedKey: createHash(hash).update(clientKey).digest(), serverKey };
  }
}

/** What a step of an exchange ends with. */
export interface SaslStep {
  readonly answer: Buffer;
  /** Who it is, at the last step. */
  readonly user?: string;
}

/** What the client's first message, and our answer to it, have said. */
interface FirstMessage {
  readonly user: string;
  readonly nonce: string;
  /** The header about channel binding. */
  readonly gs2: string;
  /** Both messages, as the proof signs them. */
  readonly texts: string;
}

/** One exchange: the client's first message, then its final one. */
export class ScramExchange {
  readonly #users: ScramUsers;
  #first: FirstMessage | undefined;

  constructor(users: ScramUsers) {
    this.#users = users;
  }

  /** @throws Error, for the client, when the message is no SCRAM or the proof is wrong. */
  async step(message: Buffer): Promise<SaslStep> {
    const text = message.toString();
    return this.#first === undefined ? this.#begin(text) : this.#finish(text, this.#first);
  }

  async #begin(text: string): Promise<SaslStep> {
    const [, gs2, bare] = /^([ny],(?:a=[^,]*)?,)(.*)$/s.exec(text) ?? [];
    const [, name, clientNonce] = /^n=([^,]+),r=([^,]+)(?:,.*)?$/s.exec(bare ?? '') ?? [];
    if (gs2 === undefined || bare === undefined || name === undefined || clientNonce === undefined) throw noScram();
    const user = name.replaceAll('=2C', ',').replaceAll('=3D', '=');
    const nonce = clientNonce + randomBytes(nonceBytes).toString('base64');
    const { salt } = await this.#users.credential(user);
    const answer = `r=${nonce},s=${salt.toString('base64')},i=${iterations}`;
    this.#first = { user, nonce, gs2, texts: `${bare},${answer}` };
    return { answer: Buffer.from(answer) };
  }

  async #finish(text: string, first: FirstMessage): Promise<SaslStep> {
    const [, withoutProof, channel, nonce, proofText] = /^(c=([^,]+),r=([^,]+)(?:,.*)?),p=([^,]+)$/s.exec(text) ?? [];
    if (withoutProof === undefined || channel === undefined || proofText === undefined) throw noScram();
    const { hash } = this.#users;
    const { storedKey, serverKey } = await this.#users.credential(first.user);
    const signed = `${first.texts},${withoutProof}`;
    const signature = createHmac(hash, storedKey).update(signed).digest();
    const proof = Buffer.from(proofText, 'base64');
    if (proof.length !== signature.length) throw wrong();
    const clientKey = proof.map((byte, index) => byte ^ (signature[index] ?? 0));
    const isRight = timingSafeEqual(createHash(hash).update(clientKey).digest(), storedKey);
    const isSame = nonce === first.nonce && channel === Buffer.from(first.gs2).toString('base64');
    if (!isRight || !isSame || !this.#users.has(first.user)) throw wrong();
    const ours = createHmac(hash, serverKey).update(signed).digest('base64');
    return { answer: Buffer.from(`v=${ours}`), user: first.user };
  }
}

const noScram = (): Error => new Error('This is no message of SCRAM.');
const wrong = (): Error => new Error('The user is not known, or the password is wrong.');

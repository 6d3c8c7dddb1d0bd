import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { messageOf } from '../errors/tranquility-error.js';
import { serverText, type ServerAddress } from '../config/connect-string.js';
import { FrameSplitter } from './frames.js';
import { JuteReader, JuteWriter } from './jute.js';
import { housekeeping, xids } from './protocol.js';
import type { TlsClient } from '../transport/tls-client.js';
import { tlsTrouble } from '../transport/tls-trouble.js';
import type { Request } from './request.js';

/** A session as the server grants it. */
export interface Grant {
  readonly id: bigint;
  readonly password: Buffer;
  /** Milliseconds; 0 when the session that was asked for has expired. */
  readonly timeout: number;
}

/** A user for ZooKeeper's ACLs, such as `{ scheme: 'digest', credentials: 'user:password' }`. */
export interface AuthInfo {
  readonly scheme: string;
  readonly credentials: string;
}

export interface ConnectionOptions {
  readonly server: ServerAddress;
  readonly chroot: string;
  readonly tls: TlsClient | undefined;
  readonly auth: AuthInfo | undefined;
  /** The session to go on with; id 0 for a new one. */
  readonly session: Grant;
  readonly lastZxid: bigint;
  /** Milliseconds until the server must have granted the session. */
  readonly attemptTimeout: number;
}

/** Whom a connection tells what it hears. Times are those of `performance.now()`. */
export interface ConnectionOwner {
  granted(grant: Grant): void;
  /** The server has seen something that was sent then, so the session lives at least its timeout longer. */
  acknowledged(sentAt: number): void;
  /** A transaction of this number has happened. */
  seen(zxid: bigint): void;
  watchSet(request: Request): void;
  watchFired(type: number, path: string): void;
}

interface Sent {
  readonly sentAt: number;
  readonly request?: Request;
}

const noNode = -101;
const pingsPerTimeout = 4;
const checksPerTimeout = 12;
const longestSilence = 2 / 3;

/**
 * One TCP or TLS connection to one server, from the handshake to its end. It is given up when nothing has been heard for two
 * thirds of the session's timeout, so that another server can be tried before the session expires.
 */
export class Connection {
  /** Resolves with why it ended. */
  readonly ended: Promise<Error>;
  readonly #options: ConnectionOptions;
  readonly #owner: ConnectionOwner;
  readonly #name: string;
  readonly #socket: Socket;
  readonly #frames = new FrameSplitter();
  readonly #sent = new Map<number, Sent>();
  readonly #startedAt = performance.now();
  #heardAt = this.#startedAt;
  #pingSentAt: number | undefined;
  #pingedAt = this.#startedAt;
  #lastXid = 0;
  #timeout: number;
  #isGranted = false;
  #timer: NodeJS.Timeout;
  #end: (reason: Error) => void = () => undefined;

  constructor(options: ConnectionOptions, owner: ConnectionOwner) {
    const { server, tls } = options;
    this.#options = options;
    this.#owner = owner;
    this.#name = serverText(server);
    this.#timeout = options.attemptTimeout;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#socket = tls === undefined ? connectPlain(server) : connectTls({ ...tls.optionsFor(server.host), ...server });
    this.#socket.setNoDelay(true);
    this.#socket.once(tls === undefined ? 'connect' : 'secureConnect', () => this.#handshake());
    this.#socket.on('data', (bytes) => this.#receive(bytes));
    this.#socket.on('error', (error) => this.#break(error));
    this.#socket.on('close', () => this.end(new Error(`${this.#name} closed the connection`)));
    this.#timer = setTimeout(() => {
      this.end(new Error(`${this.#name} granted no session within ${options.attemptTimeout} ms`));
    }, options.attemptTimeout);
  }

  send(request: Request): void {
    const { operation, watcher } = request;
    const xid = (this.#lastXid = (this.#lastXid % 0x7fff_ffff) + 1);
    const writer = new JuteWriter().int(xid).int(operation.type);
    operation.write(writer, this.#fullPath(operation.path), watcher !== undefined);
    this.#sent.set(xid, { sentAt: performance.now(), request });
    this.#socket.write(writer.frame());
  }

  /** Tells the server that the session is over, and lets the server end the connection. */
  closeSession(): void {
    this.#socket.write(new JuteWriter().int(++this.#lastXid).int(housekeeping.closeSession).frame());
  }

  /** What was sent and not answered, in order. */
  get unanswered(): Request[] {
    return [...this.#sent.values()].flatMap(({ request }) => request ?? []);
  }

  end(reason: Error): void {
    clearTimeout(this.#timer);
    this.#socket.destroy();
    this.#end(reason);
  }

  #break(error: Error): void {
    const trouble = tlsTrouble(error, 'zookeeper.tls');
    const text = trouble === undefined ? messageOf(error) : `${trouble.words}. ${trouble.remedy.replace(/\.$/, '')}`;
    this.end(new Error(`${this.#name}: ${text}`));
  }

  #handshake(): void {
    const { session, lastZxid } = this.#options;
    const protocolVersion = 0;
    const readOnly = false;
    this.#socket.write(
      new JuteWriter()
        .int(protocolVersion)
        .long(lastZxid)
        .int(session.timeout)
        .long(session.id)
        .bytes(session.password)
        .bool(readOnly)
        .frame(),
    );
  }

  #receive(bytes: Buffer): void {
    this.#heardAt = performance.now();
    try {
      for (const frame of this.#frames.push(bytes)) {
        if (this.#socket.destroyed) return;
        if (this.#isGranted) this.#readReply(new JuteReader(frame));
        else this.#readGrant(new JuteReader(frame));
      }
    } catch (error) {
      this.end(new Error(`${this.#name} does not speak ZooKeeper’s protocol: ${messageOf(error)}`));
    }
  }

  #readGrant(reader: JuteReader): void {
    reader.int();
    const timeout = Math.max(0, reader.int());
    const grant: Grant = { timeout, id: reader.long(), password: Buffer.from(reader.bytes()) };
    this.#isGranted = true;
    clearTimeout(this.#timer);
    if (timeout > 0) {
      this.#timeout = timeout;
      this.#timer = setInterval(() => this.#check(), timeout / checksPerTimeout);
      this.#owner.acknowledged(this.#startedAt);
      this.#authenticate();
    }
    this.#owner.granted(grant);
  }

  #readReply(reader: JuteReader): void {
    const xid = reader.int();
    const zxid = reader.long();
    const error = reader.int();
    if (zxid > 0n) this.#owner.seen(zxid);
    if (xid === xids.watchEvent) {
      const type = reader.int();
      reader.int();
      this.#owner.watchFired(type, this.#shortPath(reader.text()));
    } else if (xid === xids.ping) {
      if (this.#pingSentAt !== undefined) this.#owner.acknowledged(this.#pingSentAt);
      this.#pingSentAt = undefined;
    } else if (xid === xids.auth) {
      if (error !== 0) this.end(new Error(`${this.#name} does not know the credentials that were given`));
    } else {
      this.#answer(xid, error, reader);
    }
  }

  #answer(xid: number, error: number, reader: JuteReader): void {
    const sent = this.#sent.get(xid);
    this.#sent.delete(xid);
    if (sent?.request === undefined) return;
    const { request, sentAt } = sent;
    this.#owner.acknowledged(sentAt);
    const isWatched = error === 0 || (error === noNode && request.operation.name === 'exists');
    if (isWatched && !request.settled && request.watcher !== undefined) this.#owner.watchSet(request);
    request.take(error, reader);
  }

  #check(): void {
    const now = performance.now();
    const silence = now - this.#heardAt;
    if (silence > this.#timeout * longestSilence) {
      this.end(new Error(`${this.#name} has been silent for ${Math.round(silence)} ms`));
    } else if (this.#pingSentAt === undefined && now - this.#pingedAt >= this.#timeout / pingsPerTimeout) {
      this.#pingSentAt = this.#pingedAt = now;
      this.#socket.write(new JuteWriter().int(xids.ping).int(housekeeping.ping).frame());
    }
  }

  #authenticate(): void {
    const { auth } = this.#options;
    if (auth === undefined) return;
    const writer = new JuteWriter().int(xids.auth).int(housekeeping.auth).int(0);
    this.#socket.write(writer.text(auth.scheme).text(auth.credentials).frame());
  }

  #fullPath(path: string): string {
    const { chroot } = this.#options;
    return chroot !== '' && path === '/' ? chroot : chroot + path;
  }

  #shortPath(full: string): string {
    return full.slice(this.#options.chroot.length) || '/';
  }
}

import { connect, isIP, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';
import { hostNamed } from './ipv6-names.js';

const keepAliveDelay = 60_000;

/** The connections of a client. kafkajs waits for answers before it closes one, be it that none comes. */
export class Sockets {
  readonly #open = new Set<Socket>();
  #isOver = false;

  /** Opens them as kafkajs does. */
  readonly factory: ISocketFactory = ({ host: given, port, ssl, onConnect }) => {
    const host = hostNamed(given);
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = (ssl as object | undefined)
      ? connectSecurely({ host, port, ...name, ...ssl }, onConnect)
      : connect({ host, port }, onConnect);
    socket.setKeepAlive(true, keepAliveDelay);
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    if (this.#isOver) socket.destroy();
    return socket;
  };

  /** Cuts those that are open, and each that is opened later. */
  destroy(): void {
    this.#isOver = true;
    for (const socket of this.#open) socket.destroy();
  }
}

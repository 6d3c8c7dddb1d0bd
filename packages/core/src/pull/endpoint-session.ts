import { answerApiVersions } from './api-versions.js';
import type { ByteBudget } from './byte-budget.js';
import type { Answer, Session } from './connection.js';
import { writeFetched } from './fetch-answer.js';
import { readFetch } from './fetch-request.js';
import type { Fetcher } from './fetcher.js';
import { answerListOffsets } from './list-offsets.js';
import { answerMetadata } from './metadata.js';
import { ReaderLogin } from './reader-login.js';
import type { ReaderPositions } from './reader-positions.js';
import type { Request } from './request.js';
import type { Sasl } from './sasl.js';
import type { EndpointNode, Topics } from './topics.js';

/** What all sessions of an endpoint share. */
export interface Served {
  readonly topics: Topics;
  readonly nodes: readonly EndpointNode[];
  readonly fetcher: Fetcher;
  /** Of what all answers hold. */
  readonly budget: ByteBudget;
  readonly sasl: Sasl | undefined;
}

/** Answers what one connection asks for. Until the reader has shown who it is, nothing but how to do that is answered. */
export class EndpointSession implements Session {
  readonly #served: Served;
  readonly #login: ReaderLogin;

  constructor(served: Served) {
    this.#served = served;
    this.#login = new ReaderLogin(served.sasl);
  }

  get mayRead(): boolean {
    return this.#login.mayRead;
  }

  async answer(request: Request, positions: ReaderPositions, signal: AbortSignal): Promise<Answer> {
    const { topics, nodes, budget, sasl } = this.#served;
    switch (request.api) {
      case 'apiVersions':
        return { writer: answerApiVersions(request, sasl !== undefined) };
      case 'saslHandshake':
        return this.#login.handshake(request);
      case 'saslAuthenticate':
        return this.#login.authenticate(request);
      case 'metadata':
        this.#requireLogin(request);
        return { writer: answerMetadata(request, nodes, topics) };
      case 'listOffsets':
        this.#requireLogin(request);
        return { writer: await answerListOffsets(request, topics, budget, signal) };
      case 'fetch':
        this.#requireLogin(request);
        return this.#fetch(request, positions, signal);
    }
  }

  #requireLogin({ api }: Request): void {
    if (!this.mayRead) throw new RangeError(`it asks for ${api} before it has shown who it is (SASL)`);
  }

  async #fetch(request: Request, positions: ReaderPositions, signal: AbortSignal): Promise<Answer> {
    const fetched = await this.#served.fetcher.fetch(readFetch(request), positions, signal);
    return { writer: writeFetched(request, fetched.error, fetched.partitions), release: () => fetched.release() };
  }
}

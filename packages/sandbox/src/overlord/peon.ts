import type { FaultFinder } from '../faults/fault.js';
import { failure, json, type Answer } from '../http/answer.js';
import { Listener } from '../http/listener.js';
import type { SandboxRequest } from '../http/request.js';
import { routed } from '../http/routes.js';

/** What a task offers to those who call it by a service name. */
export interface ChatHandler {
  push(request: SandboxRequest): Promise<Answer>;
  shutdown(request: SandboxRequest): Answer;
}

/** The server of one task. Every answer tells whose it is. */
export class Peon {
  readonly #taskId: string;
  readonly #handlers = new Map<string, ChatHandler>();
  readonly #listener: Listener;

  private constructor(taskId: string, listener: Listener) {
    this.#taskId = taskId;
    this.#listener = listener;
  }

  static async open(
    host: string,
    taskId: string,
    { findFault, die }: { findFault: FaultFinder; die: () => Promise<void> },
  ): Promise<Peon> {
    const routes = {
      'GET /status/health': () => json(true),
      'POST /druid/worker/v1/chat/*/push-events': (request: SandboxRequest, name = '') =>
        peon.#chat(request, name, (handler) => handler.push(request)),
      'POST /druid/worker/v1/chat/*/shutdown': (request: SandboxRequest, name = '') =>
        peon.#chat(request, name, (handler) => handler.shutdown(request)),
    };
    const answer = routed(routes);
    const listener = await Listener.open({
      host,
      port: 0,
      findFault,
      die,
      handler: async (request) => {
        const given = await answer(request);
        return { ...given, headers: { ...given.headers, 'x-druid-task-id': encodeURIComponent(taskId) } };
      },
    });
    const peon = new Peon(taskId, listener);
    return peon;
  }

  get port(): number {
    return this.#listener.port;
  }

  /** Answers calls under the name, and under what stands behind its last colon. */
  register(serviceName: string, handler: ChatHandler): void {
    for (const name of namesOf(serviceName)) this.#handlers.set(name, handler);
  }

  unregister(serviceName: string): void {
    for (const name of namesOf(serviceName)) this.#handlers.delete(name);
  }

  /** Breaks all connections and takes no more. */
  close(): Promise<void> {
    return this.#listener.close();
  }

  async #chat(
    request: SandboxRequest,
    name: string,
    call: (handler: ChatHandler) => Promise<Answer> | Answer,
  ): Promise<Answer> {
    const wanted = request.headers['x-druid-task-id'];
    if (typeof wanted === 'string' && decodeURIComponent(wanted) !== this.#taskId) {
      return failure(400, `Requested taskId[${decodeURIComponent(wanted)}] doesn't match with taskId[${this.#taskId}]`);
    }
    const handler = this.#handlers.get(name);
    return handler === undefined ? failure(400, `Can't find chatHandler for handler[${name}]`) : call(handler);
  }
}

export function namesOf(serviceName: string): string[] {
  const last = serviceName.slice(serviceName.lastIndexOf(':') + 1);
  return [...new Set([serviceName, last])];
}

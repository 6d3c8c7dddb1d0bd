import type { Answer, ScriptedDruid, ScriptedRequest } from '@tranquility-js/scripted-druid';

type Json = Record<string, unknown>;

/** Gives a scripted Druid a supervisor, as far as we speak to it. What it reads, a test says. */
export class ScriptedSupervisor {
  /** As it was posted last. */
  stored: Json | undefined;
  readonly posts: Json[] = [];
  activeTasks: Json[] = [];
  /** An answer in place of all others. */
  refusal: Answer | undefined;

  constructor(druid: ScriptedDruid, { readsKafka = true }: { readonly readsKafka?: boolean } = {}) {
    const modules = readsKafka ? [{ artifact: 'druid-kafka-indexing-service' }] : [{ artifact: 'druid-histogram' }];
    druid.script = (request) => {
      if (request.path === '/status') return { status: 200, body: { version: druid.version, modules } };
      return this.#answer(request);
    };
  }

  /** The `spec` of what was posted last. */
  get spec(): Record<string, Json> {
    return (this.stored?.['spec'] ?? {}) as Record<string, Json>;
  }

  get suspended(): boolean {
    return this.stored?.['suspended'] === true;
  }

  #answer({ method, path, body }: ScriptedRequest): Answer | undefined {
    const [, action] = /^\/druid\/indexer\/v1\/supervisor([^?]*)/.exec(path) ?? [];
    if (action === undefined) return undefined;
    if (this.refusal !== undefined) return this.refusal;
    if (method === 'POST' && action === '') {
      this.stored = JSON.parse(body) as Json;
      this.posts.push(this.stored);
      if (this.suspended) this.activeTasks = [];
      return { status: 200, body: { id: 'flights' } };
    }
    if (this.stored === undefined) return { status: 404, body: { error: '[flights] does not exist' } };
    if (action === '/flights/status') return { status: 200, body: { payload: this.#status() } };
    if (action === '/flights') return { status: 200, body: this.stored };
    if (action === '/flights/terminate') this.stored = undefined;
    else this.stored = { ...this.stored, suspended: action === '/flights/suspend' };
    return { status: 200, body: {} };
  }

  #status(): Json {
    return {
      state: this.suspended ? 'SUSPENDED' : 'RUNNING',
      detailedState: 'RUNNING',
      healthy: true,
      activeTasks: this.activeTasks,
      publishingTasks: [],
      recentErrors: [],
    };
  }
}

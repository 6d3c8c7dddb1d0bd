type Json = Record<string, unknown>;

export interface ScriptedSupervisor {
  spec: Json;
  /** What its status has beside what its spec says. */
  status: Json;
}

/** The supervisors of a scripted Druid, by dataSource. */
export class ScriptedSupervisors {
  readonly #supervisors = new Map<string, ScriptedSupervisor>();

  get(dataSource: string): ScriptedSupervisor | undefined {
    return this.#supervisors.get(dataSource);
  }

  put(dataSource: string, spec: Json, status: Json = {}): void {
    this.#supervisors.set(dataSource, { spec, status });
  }

  /** Answers what comes below `/druid/indexer/v1/supervisor`. */
  answer(method: string, path: string, body: string): { status: number; body?: unknown } {
    if (method === 'POST' && path === '') return this.#post(JSON.parse(body) as Json);
    const [, dataSource = '', action] = /^\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
    const supervisor = this.#supervisors.get(dataSource);
    if (supervisor === undefined) return { status: 404, body: { error: `[${dataSource}] does not exist` } };
    if (action === undefined) return { status: 200, body: supervisor.spec };
    if (action === 'status') return { status: 200, body: { id: dataSource, payload: statusOf(supervisor) } };
    if (action === 'terminate') this.#supervisors.delete(dataSource);
    else supervisor.spec = { ...supervisor.spec, suspended: action === 'suspend' };
    return { status: 200, body: { id: dataSource } };
  }

  #post(spec: Json): { status: number; body: unknown } {
    const { dataSchema } = spec['spec'] as { dataSchema: { dataSource: string } };
    const { dataSource } = dataSchema;
    this.put(dataSource, spec, this.get(dataSource)?.status);
    return { status: 200, body: { id: dataSource } };
  }
}

function statusOf({ spec, status }: ScriptedSupervisor): Json {
  const state = spec['suspended'] === true ? 'SUSPENDED' : 'RUNNING';
  return {
    state,
    detailedState: state,
    healthy: true,
    activeTasks: [],
    publishingTasks: [],
    recentErrors: [],
    ...status,
  };
}

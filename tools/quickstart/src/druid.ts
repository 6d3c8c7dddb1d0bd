/** The Druid that the quickstart writes to, over HTTP: the sandbox, or a router with its management proxy. */
export class Druid {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** @throws Error with Druid's words. */
  async sql(query: string): Promise<Record<string, unknown>[]> {
    return (await this.#ask('/druid/v2/sql', { query, context: { useCache: false } })) as Record<string, unknown>[];
  }

  async tasks(dataSource: string): Promise<{ id: string; status: string }[]> {
    const path = `/druid/indexer/v1/tasks?datasource=${encodeURIComponent(dataSource)}`;
    const tasks = (await this.#ask(path)) as { id: string; statusCode: string }[];
    return tasks.map(({ id, statusCode }) => ({ id, status: statusCode })).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async endTasks(dataSource: string): Promise<void> {
    await this.#ask(`/druid/indexer/v1/datasources/${encodeURIComponent(dataSource)}/shutdownAllTasks`, {});
  }

  async #ask(path: string, body?: unknown): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${this.url}${path}`, {
      ...(body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${this.url}${path} answered ${response.status} ${text.slice(0, 500)}`);
    return JSON.parse(text);
  }
}

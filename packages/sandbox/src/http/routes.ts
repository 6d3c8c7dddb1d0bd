import type { Answer } from './answer.js';
import type { SandboxRequest } from './request.js';

export type Handler = (request: SandboxRequest) => Promise<Answer> | Answer;

/** Gets what stands in the path for each `*` of its pattern. */
export type RouteHandler = (request: SandboxRequest, ...parts: string[]) => Promise<Answer> | Answer;

/** By method and pattern, such as `GET /status`. A star in the pattern stands for one part of the path. */
export type Routes = Readonly<Record<string, RouteHandler>>;

interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly handler: RouteHandler;
}

/**
 * Answers by the first route that fits. A path that is there under another method is answered 405.
 * @param otherwise answers what no route fits; default: 404 without a body, as Jersey does.
 */
export function routed(table: Routes, otherwise: Handler = () => ({ status: 404 })): Handler {
  const routes = Object.entries(table).map(([key, handler]) => route(key, handler));
  return (request) => {
    let isKnown = false;
    for (const { method, pattern, handler } of routes) {
      const match = pattern.exec(request.path);
      if (match === null) continue;
      if (method === request.method) return handler(request, ...match.slice(1));
      isKnown = true;
    }
    return isKnown ? { status: 405 } : otherwise(request);
  };
}

function route(key: string, handler: RouteHandler): Route {
  const [method = '', path = ''] = key.split(' ');
  const source = path
    .split('*')
    .map((part) => part.replaceAll('.', '\\.'))
    .join('([^/]+)');
  return { method, pattern: new RegExp(`^${source}$`), handler };
}

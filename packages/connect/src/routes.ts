/** Where the records of streams go whose names match. */
export interface Route {
  /** Of the dataSource that the config has. */
  readonly dataSource: string;
  readonly pattern: RegExp;
  /** Of several that match a name, the one with the highest counts; of equal ones, the first in the file. */
  readonly priority: number;
  /** Whether the dataSource is named like the stream. */
  readonly usesStreamName: boolean;
}

/** Finds for each stream its dataSource. */
export class Routes {
  readonly #routes: readonly Route[];
  readonly #found = new Map<string, Route | undefined>();

  constructor(routes: readonly Route[]) {
    this.#routes = routes.toSorted((one, other) => other.priority - one.priority);
  }

  /** The route of a stream; nothing if no pattern matches the whole of its name. */
  of(stream: string): Route | undefined {
    if (!this.#found.has(stream)) {
      this.#found.set(
        stream,
        this.#routes.find(({ pattern }) => pattern.test(stream)),
      );
    }
    return this.#found.get(stream);
  }
}

/**
 * A pattern that must match the whole of a name.
 * @returns nothing for one that JavaScript cannot read.
 */
export function wholeName(pattern: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u');
  } catch {
    return undefined;
  }
}

import type { DruidFailure, DruidLook } from './druid-look.js';
import { failsWhere } from './kept.js';
import type { DataSourceState, Senders } from './senders.js';
import { toldTogether } from './told-together.js';

/**
 * Whether events can be taken now: the server is not stopping, and Druid is there for every dataSource that needs it. Where a journal has all
 * events first, Druid is not asked.
 */
export class Readiness {
  readonly #senders: Senders;
  readonly #druid: DruidLook;
  readonly #notReady: () => string | undefined;

  /** @param notReady why the server takes nothing, whatever Druid says. */
  constructor(senders: Senders, druid: DruidLook, notReady: () => string | undefined = () => undefined) {
    this.#senders = senders;
    this.#druid = druid;
    this.#notReady = notReady;
  }

  async look(): Promise<{ readonly reasons: readonly string[] }> {
    const own = this.#notReady();
    if (own !== undefined) return { reasons: [own] };
    if (this.#senders.all.every((one) => failsWhere(one) === 'never')) return { reasons: [] };
    const { failures } = await this.#druid.look();
    // The look may have found out by which lanes they go.
    const failing = this.#senders.all.filter((one) => isHeldUp(one, failures.get(one.config.dataSource)));
    const names = new Set(failing.map(({ config }) => config.dataSource));
    return { reasons: toldTogether([...failures].filter(([dataSource]) => names.has(dataSource))) };
  }
}

function isHeldUp(state: DataSourceState, failure: DruidFailure | undefined): boolean {
  if (failure === undefined) return false;
  const where = failsWhere(state);
  return where === 'away' || (where === 'refused' && failure.isFinal);
}

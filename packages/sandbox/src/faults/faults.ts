import type { Random } from '../random.js';
import type { Fault, FaultRule, FaultTarget } from './fault.js';

/** Where a request has come in. */
interface Place {
  readonly server: 'druid' | 'task';
  readonly taskId?: string;
}

interface Pending {
  readonly id: number;
  readonly rule: FaultRule;
  passed: number;
  befallen: number;
  readonly release: () => void;
  readonly released: Promise<void>;
}

/** A fault that was asked for. */
export interface FaultReport {
  readonly id: number;
  readonly rule: FaultRule;
  /** How many requests it has befallen. */
  readonly befallen: number;
}

/** The faults that were asked for. Each request meets the first that fits it. */
export class Faults {
  readonly #random: Random;
  #pending: Pending[] = [];
  #lastId = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** @returns its number, for {@link remove}. */
  add(rule: FaultRule): number {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#pending.push({ id: ++this.#lastId, rule, passed: 0, befallen: 0, release, released });
    return this.#lastId;
  }

  /** Takes back one, or all of them; requests that hang by it have their connections reset. */
  remove(id?: number): void {
    for (const pending of this.#pending) if (id === undefined || pending.id === id) pending.release();
    this.#pending = this.#pending.filter((pending) => id !== undefined && pending.id !== id);
  }

  /** All that were not taken back, with those that are used up. */
  list(): FaultReport[] {
    return this.#pending.map(({ id, rule, befallen }) => ({ id, rule, befallen }));
  }

  find(place: Place, target: FaultTarget): Fault | undefined {
    for (const pending of this.#pending) {
      const { rule } = pending;
      if (pending.befallen >= (rule.times ?? 1) || !fits(rule, place, target)) continue;
      if (pending.passed < (rule.after ?? 0)) {
        pending.passed++;
        continue;
      }
      if (rule.chance !== undefined && this.#random.next() >= rule.chance) continue;
      pending.befallen++;
      return rule.action.kind === 'hang' ? { kind: 'hang', released: pending.released } : rule.action;
    }
    return undefined;
  }
}

function fits(rule: FaultRule, place: Place, { method, path }: FaultTarget): boolean {
  if (rule.server !== undefined && rule.server !== place.server) return false;
  if (rule.action.kind === 'kill-task' && place.server !== 'task') return false;
  if (rule.taskId !== undefined && rule.taskId !== place.taskId) return false;
  if (rule.method !== undefined && rule.method.toUpperCase() !== method) return false;
  if (rule.path === undefined) return true;
  return typeof rule.path === 'string' ? path.includes(rule.path) : rule.path.test(path);
}

import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../json.js';
import { OffsetStore } from './offset-store.js';
import { Supervisor, type SupervisorAround } from './supervisor.js';
import { readSupervisorSpec } from './supervisor-spec.js';
import type { TaskGroup } from './task-group.js';

/** All supervisors, one for a dataSource, and what is kept of those that were. */
export class Supervisors {
  readonly #around: Omit<SupervisorAround, 'offsets' | 'publishing'>;
  readonly #offsets = new OffsetStore();
  readonly #publishing = new Map<string, Set<TaskGroup>>();
  readonly #supervisors = new Map<string, Supervisor>();

  constructor(around: Omit<SupervisorAround, 'offsets' | 'publishing'>) {
    this.#around = around;
  }

  get all(): readonly Supervisor[] {
    return [...this.#supervisors.values()];
  }

  find(id: string): Supervisor | undefined {
    return this.#supervisors.get(id);
  }

  /**
   * Puts it in the place of the dataSource's supervisor, if there is one: its tasks publish, and others go on where they end.
   * @param unlessSame whether one with the same spec is left alone.
   * @throws InvalidSpec, Unsupported
   */
  post(json: JsonObject, unlessSame = false): Supervisor {
    const spec = readSupervisorSpec(json);
    const { dataSource } = spec.schema;
    const existing = this.#supervisors.get(dataSource);
    if (unlessSame && existing !== undefined && isDeepStrictEqual(existing.json, json)) return existing;
    existing?.stop();
    const publishing = this.#publishing.get(dataSource) ?? new Set();
    this.#publishing.set(dataSource, publishing);
    const supervisor = new Supervisor(json, spec, { ...this.#around, offsets: this.#offsets, publishing });
    this.#supervisors.set(dataSource, supervisor);
    supervisor.start();
    return supervisor;
  }

  /** Suspends or resumes: as in Druid, by another supervisor in its place. */
  repost({ json }: Supervisor, suspended: boolean): Supervisor {
    return this.post({ ...json, suspended });
  }

  /** Its tasks publish. Its place in the stream stays. */
  terminate(supervisor: Supervisor): void {
    supervisor.stop();
    this.#supervisors.delete(supervisor.spec.schema.dataSource);
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((supervisor) => supervisor.close()));
  }
}

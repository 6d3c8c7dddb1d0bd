import type { OverlordClient, Patience } from '../druid/overlord-client.js';
import { Supervisors } from '../druid/supervisors.js';
import { TranquilityError } from '../errors/tranquility-error.js';
import type { Logger } from '../observe/logger.js';
import type { IngestionSpec } from '../spec/ingestion-spec.js';
import type { JsonObject } from '../spec/json.js';
import { readSupervisorStatus, type SupervisorStatus } from './supervisor-status.js';
import {
  parked,
  printIn,
  readSupervisor,
  supervisorSpec,
  type ExistingSupervisor,
  type SupervisorPlan,
} from './supervisor-spec.js';

/** What became of a supervisor. */
export type Ensured = 'created' | 'updated' | 'unchanged';

/** A dataSource's supervisor, which is there when the first event is, and has the schema that events have. */
export class ManagedSupervisor {
  readonly dataSource: string;
  readonly #overlord: OverlordClient;
  readonly #supervisors: Supervisors;
  readonly #plan: SupervisorPlan;
  readonly #logger: Logger;
  readonly #spec: JsonObject;
  #ensured: Promise<Ensured> | undefined;
  #replaced: string | undefined;

  /** @throws TRQ_CONFIG_INVALID for a plan that Druid does not take. */
  constructor(overlord: OverlordClient, spec: IngestionSpec, plan: SupervisorPlan, logger: Logger) {
    this.dataSource = spec.dataSource;
    this.#overlord = overlord;
    this.#supervisors = new Supervisors(overlord);
    this.#plan = plan;
    this.#logger = logger;
    this.#spec = supervisorSpec(spec, plan);
  }

  /** The id of the journal that it read from until ours went on in its place; `undefined` where it has been ours. */
  get replaced(): string | undefined {
    return this.#replaced;
  }

  /**
   * Sees to it that the supervisor is there and is as it should be: call it for each event, only the first asks Druid. A failure is
   * forgotten, so that the next call tries again. Where its schema was another, tasks that run publish what they have, and the next ones
   * go on where they were: no event is lost or read twice. Events that are in the log and unread get the new schema too.
   * @throws TRQ_SUPERVISOR_CONFLICT when the dataSource has another's; TRQ_EXTENSION_MISSING; what the overlord's client throws.
   */
  ensure(patience: Patience): Promise<Ensured> {
    return (this.#ensured ??= this.#ensure(patience).catch((error: unknown) => {
      this.#ensured = undefined;
      throw error;
    }));
  }

  /**
   * Makes sure that the dataSource has no other's supervisor. Changes nothing.
   * @throws TRQ_SUPERVISOR_CONFLICT; what the overlord's client throws.
   */
  async check(patience: Patience): Promise<void> {
    const found = await this.#supervisors.spec(this.dataSource, patience);
    if (found !== undefined) this.#requireOurs(found);
  }

  /**
   * Lets tasks publish what they have, and begins no others until the next `ensure`: for when nobody is going to serve its events.
   * @throws what the overlord's client throws.
   */
  async park(patience: Patience): Promise<void> {
    const found = await this.#supervisors.spec(this.dataSource, patience);
    if (found === undefined || found['suspended'] === true) return;
    this.#requireOurs(found);
    this.#ensured = undefined;
    await this.#supervisors.replace(this.dataSource, parked(this.#spec), patience);
  }

  /**
   * Whether tasks read for it, or publish. Its status does not tell for a while: one that was just posted has to find first those that
   * are there.
   * @throws what the overlord's client throws.
   */
  async hasTasks(patience: Patience): Promise<boolean> {
    const tasks = await this.#overlord.tasks(this.dataSource, patience);
    return tasks.some(({ id, state }) => id.startsWith('index_kafka_') && state !== 'SUCCESS' && state !== 'FAILED');
  }

  /** Forgets that it is there: the next `ensure` asks Druid. */
  forget(): void {
    this.#ensured = undefined;
  }

  /** `undefined` when there is none. */
  async status(patience: Patience): Promise<SupervisorStatus | undefined> {
    const payload = await this.#supervisors.status(this.dataSource, patience);
    return payload === undefined ? undefined : readSupervisorStatus(payload);
  }

  /** A post ends the tasks that run. So it is made only where something would change. */
  async #ensure(patience: Patience): Promise<Ensured> {
    const { dataSource } = this;
    const found = await this.#supervisors.spec(dataSource, patience);
    if (found === undefined) {
      await this.#supervisors.post(dataSource, this.#spec, patience);
      this.#logger.info(`${dataSource} has a supervisor now, which reads its events from us.`, { dataSource });
      return 'created';
    }
    const existing = this.#requireOurs(found);
    // Before the post: if its answer is lost, the next look finds ours.
    this.#replaced = existing.replaces ?? this.#replaced;
    const isSame = existing.print === printIn(this.#spec);
    // With our mark left in it, a suspension by somebody else would pass for one of ours.
    if (isSame && !existing.marked) return 'unchanged';
    // Who suspended it has a reason, which a new schema is not.
    await this.#supervisors.replace(dataSource, { ...this.#spec, suspended: existing.suspended }, patience);
    const what = isSame ? 'goes on' : 'has changed: its tasks publish, and others go on';
    this.#logger.info(`The supervisor of ${dataSource} ${what}.`, { dataSource });
    return 'updated';
  }

  #requireOurs(found: JsonObject): ExistingSupervisor & { readonly kind: 'ours' } {
    const existing = readSupervisor(found, this.#plan);
    if (existing.kind === 'foreign') throw conflict(this.dataSource, existing.reads);
    return existing;
  }
}

export const conflictText = (dataSource: string, reads: string): string =>
  `${dataSource} has a supervisor that is not ours, or reads from another process or another journal of ours (${reads}). Run with the journal that it reads from (journal.directory), terminate it, use another dataSource, or name all processes in pull.endpoint.nodes.`;

export function conflict(dataSource: string, reads: string): TranquilityError {
  return new TranquilityError('TRQ_SUPERVISOR_CONFLICT', `${conflictText(dataSource, reads)} Nothing was changed.`, {
    details: { dataSource },
  });
}

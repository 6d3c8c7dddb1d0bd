import type { OverlordClient, Patience } from '../druid/overlord-client.js';
import { Supervisors, type SupervisorAction } from '../druid/supervisors.js';
import { TranquilityError } from '../errors/tranquility-error.js';
import type { Logger } from '../observe/logger.js';
import type { IngestionSpec } from '../spec/ingestion-spec.js';
import type { JsonObject } from '../spec/json.js';
import { readSupervisorStatus, type SupervisorStatus } from './supervisor-status.js';
import { printIn, readSupervisor, supervisorSpec, type SupervisorPlan } from './supervisor-spec.js';

/** What became of a supervisor. */
export type Ensured = 'created' | 'updated' | 'unchanged';

/** A dataSource's supervisor, which is there when the first event is, and has the schema that events have. */
export class ManagedSupervisor {
  readonly dataSource: string;
  readonly #supervisors: Supervisors;
  readonly #plan: SupervisorPlan;
  readonly #logger: Logger;
  #spec: JsonObject;
  #ensured: Promise<Ensured> | undefined;

  /** @throws TRQ_CONFIG_INVALID for a plan that Druid does not take. */
  constructor(overlord: OverlordClient, spec: IngestionSpec, plan: SupervisorPlan, logger: Logger) {
    this.dataSource = spec.dataSource;
    this.#supervisors = new Supervisors(overlord);
    this.#plan = plan;
    this.#logger = logger;
    this.#spec = supervisorSpec(spec, plan);
  }

  /**
   * Sees to it that the supervisor is there and is as it should be: call it for each event, only the first asks Druid. A failure is
   * forgotten, so that the next call tries again.
   * @throws TRQ_SUPERVISOR_CONFLICT when the dataSource has another's; TRQ_EXTENSION_MISSING; what the overlord's client throws.
   */
  ensure(patience: Patience): Promise<Ensured> {
    return (this.#ensured ??= this.#ensure(patience).catch((error: unknown) => {
      this.#ensured = undefined;
      throw error;
    }));
  }

  /**
   * Gives it another schema. Tasks that run publish what they have, and the next ones go on where they were: no event is lost or
   * read twice. Events that are in the log and unread get the new schema too.
   */
  async change(spec: IngestionSpec, patience: Patience): Promise<Ensured> {
    this.#spec = supervisorSpec(spec, this.#plan);
    this.#ensured = undefined;
    return this.ensure(patience);
  }

  /** Lets tasks publish what they have, and begins no others. */
  suspend(patience: Patience): Promise<void> {
    return this.#act('suspend', patience);
  }

  resume(patience: Patience): Promise<void> {
    return this.#act('resume', patience);
  }

  /** Ends it; tasks publish what they have. Its place in the stream stays in Druid, for one that comes after it. */
  async terminate(patience: Patience): Promise<void> {
    await this.#act('terminate', patience);
    this.#ensured = undefined;
  }

  /** `undefined` when there is none. */
  async status(patience: Patience): Promise<SupervisorStatus | undefined> {
    const payload = await this.#supervisors.status(this.dataSource, patience);
    return payload === undefined ? undefined : readSupervisorStatus(payload);
  }

  #act(action: SupervisorAction, patience: Patience): Promise<void> {
    return this.#supervisors.act(this.dataSource, action, patience);
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
    const existing = readSupervisor(found, this.#plan.topic);
    if (existing.kind === 'foreign') throw conflict(dataSource, existing.reads);
    if (existing.print === printIn(this.#spec)) return 'unchanged';
    // Who suspended it has a reason, which a new schema is not.
    await this.#supervisors.post(dataSource, { ...this.#spec, suspended: existing.suspended }, patience);
    this.#logger.info(`The supervisor of ${dataSource} has changed: its tasks publish, and others go on.`, {
      dataSource,
    });
    return 'updated';
  }
}

function conflict(dataSource: string, reads: string): TranquilityError {
  return new TranquilityError(
    'TRQ_SUPERVISOR_CONFLICT',
    `${dataSource} has a supervisor that is not ours (${reads}). Terminate it, or use another dataSource. Nothing was changed.`,
    { details: { dataSource } },
  );
}

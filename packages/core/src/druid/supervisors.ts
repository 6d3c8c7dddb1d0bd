import { TranquilityError } from '../errors/tranquility-error.js';
import { isJsonObject, parseJsonObject, type JsonObject } from '../spec/json.js';
import type { HttpResponse } from '../transport/http-client.js';
import { describe } from './describe.js';
import { refused, type OverlordClient, type Patience } from './overlord-client.js';

/** What can be done to a supervisor. */
export type SupervisorAction = 'suspend' | 'resume' | 'terminate';

const root = '/druid/indexer/v1/supervisor';

/**
 * How long a change may take, in milliseconds. Druid stops the supervisor that is there first: up to 80 s (its `shutdownTimeout`), when
 * that one just waits for a stream that nobody serves.
 */
const changeTimeout = 100_000;

/** The overlord’s supervisors, one for a dataSource. */
export class Supervisors {
  readonly #overlord: OverlordClient;

  constructor(overlord: OverlordClient) {
    this.#overlord = overlord;
  }

  /** Its spec, with Druid's defaults filled in; `undefined` when the dataSource has none. */
  async spec(dataSource: string, patience: Patience): Promise<JsonObject | undefined> {
    const response = await this.#overlord.ask('GET', pathOf(dataSource), patience);
    return readFound(response, `a question about the supervisor of ${dataSource}`);
  }

  /**
   * Creates it, or replaces it: then its tasks end, and publish what they have, and others begin where they were.
   * @throws TRQ_EXTENSION_MISSING when Druid knows no Kafka; TRQ_OVERLORD_REFUSED with Druid's words when it takes no such spec.
   */
  async post(dataSource: string, spec: JsonObject, patience: Patience): Promise<void> {
    const response = await this.#overlord.ask('POST', root, patience, JSON.stringify(spec), changeTimeout);
    if (response.status === 200) return;
    if (response.text.includes('Could not resolve type id')) throw extensionMissing(response);
    throw refused(`the supervisor of ${dataSource}`, response);
  }

  /** What it does; `undefined` when the dataSource has none. */
  async status(dataSource: string, patience: Patience): Promise<JsonObject | undefined> {
    const response = await this.#overlord.ask('GET', `${pathOf(dataSource)}/status`, patience);
    const payload = readFound(response, `the status of the supervisor of ${dataSource}`)?.['payload'];
    return isJsonObject(payload) ? payload : undefined;
  }

  /** @throws TRQ_SUPERVISOR_UNKNOWN when the dataSource has none. */
  async act(dataSource: string, action: SupervisorAction, patience: Patience): Promise<void> {
    const response = await this.#overlord.ask('POST', `${pathOf(dataSource)}/${action}`, patience, '{}', changeTimeout);
    if (response.status === 200) return;
    if (response.status !== 404) throw refused(`to ${action} the supervisor of ${dataSource}`, response);
    throw new TranquilityError(
      'TRQ_SUPERVISOR_UNKNOWN',
      `${dataSource} has no supervisor to ${action}. Where Druid reads from us, it gets one with its first event; on other lanes it has none. tranquility status says which lane it is.`,
      { details: { dataSource } },
    );
  }
}

const pathOf = (dataSource: string): string => `${root}/${encodeURIComponent(dataSource)}`;

function readFound(response: HttpResponse, what: string): JsonObject | undefined {
  if (response.status === 404) return undefined;
  const found = response.status === 200 ? parseJsonObject(response.text) : undefined;
  if (found === undefined) throw refused(what, response);
  return found;
}

function extensionMissing(response: HttpResponse): TranquilityError {
  return new TranquilityError(
    'TRQ_EXTENSION_MISSING',
    `Druid does not read from Kafka: ${describe(response)}. Add "druid-kafka-indexing-service" to druid.extensions.loadList of the overlords and of all that run tasks, and start them again.`,
    { details: { status: response.status } },
  );
}

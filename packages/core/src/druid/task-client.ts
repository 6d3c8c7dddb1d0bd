import { parseJsonObject } from '../spec/json.js';
import type { HttpClient, HttpResponse } from '../transport/http-client.js';
import { describe, rightsOf } from './describe.js';

/** What a task said to a push. */
export type PushAnswer =
  /** All rows are in. */
  | { readonly kind: 'accepted' }
  /** At least one row cannot be read; the task took none of them. */
  | { readonly kind: 'unreadable'; readonly message: string }
  /** We may not push. Trying again does not help. */
  | { readonly kind: 'forbidden'; readonly message: string }
  /** Not now: the task is starting or ending, another task lives there, the server is in trouble. */
  | { readonly kind: 'unavailable'; readonly message: string };

/** Rows as a task takes them. */
export interface PushBody {
  readonly bytes: Buffer | string;
  /** `content-type` and, where it is compressed, `content-encoding`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** No rows: changes nothing, and shows that the task takes some. */
export const emptyPush: PushBody = { bytes: '[]', headers: { 'content-type': 'application/json' } };

/** Pushes to one task's event receiver: `POST /druid/worker/v1/chat/{serviceName}/push-events`. */
export class TaskClient {
  readonly #http: HttpClient;
  readonly #taskId: string;
  readonly #path: string;

  /**
   * @param taskId checked on both sides of each push: a recycled service name leads to the wrong task, which would
   * drop the rows silently.
   */
  constructor(http: HttpClient, taskId: string, serviceName: string) {
    this.#http = http;
    this.#taskId = taskId;
    this.#path = `/druid/worker/v1/chat/${encodeURIComponent(serviceName)}/push-events`;
  }

  /**
   * @param origin where the task runs: `http://host:port`.
   * @param body an array of objects.
   * @param timeout in milliseconds. A task whose buffer is full answers late, so leave it time.
   * @throws what the connection throws; the rows may then be in or not.
   */
  async push(origin: string, body: PushBody, timeout: number, signal?: AbortSignal): Promise<PushAnswer> {
    const response = await this.#http.request({
      origin,
      method: 'POST',
      path: this.#path,
      headers: { ...body.headers, 'x-druid-task-id': encodeURIComponent(this.#taskId) },
      body: body.bytes,
      timeout,
      ...(signal === undefined ? {} : { signal }),
    });
    return this.#read(response);
  }

  #read(response: HttpResponse): PushAnswer {
    const message = describe(response);
    if (response.status === 200) {
      const answeredBy = response.headers['x-druid-task-id'];
      if (typeof answeredBy !== 'string' || decodeURIComponent(answeredBy) === this.#taskId)
        return { kind: 'accepted' };
      return { kind: 'unavailable', message: `another task answered: ${answeredBy}` };
    }
    if (response.status === 401 || response.status === 403) {
      return { kind: 'forbidden', message: `${message}. ${rightsOf(response, this.#http)}` };
    }
    // 501 is not of Druid: the sandbox says so what it has not, such as lists.
    const isUnreadable = response.status === 501 || (response.status === 500 && isUnreadableRow(response));
    if (isUnreadable) return { kind: 'unreadable', message };
    return { kind: 'unavailable', message };
  }
}

/** Druid answers one unreadable row, and malformed JSON, with 500; so it does for a receiver that is closing. */
function isUnreadableRow(response: HttpResponse): boolean {
  const error = parseJsonObject(response.text)?.['error'] ?? response.words;
  return (
    typeof error === 'string' &&
    /unparseable|Unparseable|ParseException|Could not parse|Unexpected character/.test(error)
  );
}

import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { messageOf, type Decoded, type Logger } from '@tranquility-js/core';
import { timerMillis } from '@tranquility-js/core/internal';
import type { DeadLetterFile } from '../dead-letter-file.js';
import type { Rejections } from '../console/rejections.js';
import type { ServerProperties } from '../properties.js';
import type { Senders } from '../senders.js';
import { Aborted } from './aborted.js';
import { answerDone, answerProblem, takesJson, type Answer } from './answer.js';
import { readBody, type BodyChunks } from './body-reader.js';
import { atMost, bodyLimitsOf, receivedChunks } from './body.js';
import type { HeldBytes } from './held-bytes.js';
import { Intake, type Patience } from './intake.js';
import { PostReport } from './post-report.js';
import { Problem } from './problem.js';
import { readRequestForm, type RequestForm } from './request-form.js';
import { routeByField, routeTo, type MayPost } from './route.js';
import { unpacked } from './unpack.js';

/** A body of HTTP/2 is not destroyed when its client leaves, but aborted. */
type PostBody = Readable & { readonly aborted?: boolean };

/** A POST as it came. */
export interface PostRequest {
  readonly headers: IncomingHttpHeaders;
  /** The text behind the `?` of the URL. */
  readonly query: string;
  readonly body: PostBody;
  /** The dataSource that the URL names. */
  readonly dataSource: string | undefined;
  readonly mayPost: MayPost;
}

export interface PostSurroundings {
  readonly senders: Senders;
  readonly limits: ServerProperties;
  readonly logger: Logger;
  /** Told of each event that is not sent. */
  readonly rejections: Rejections;
  /** Where they are kept, if anywhere. */
  readonly deadLetters: DeadLetterFile | undefined;
  /** What bodies with `strict` hold, of all requests. */
  readonly heldBytes: HeldBytes;
}

/**
 * Does a POST: sends its events, and answers what became of them.
 * @throws Aborted, and nothing else.
 */
export async function post(request: PostRequest, surroundings: PostSurroundings): Promise<Answer> {
  const { logger } = surroundings;
  const report = new PostReport();
  const asJson = takesJson(request.headers);
  let form: RequestForm | undefined;
  let taken: Taken;
  try {
    form = readRequestForm(request.headers, request.query, request.dataSource !== undefined);
    taken = await take(request, form, report, surroundings);
    await surroundings.deadLetters?.written();
  } catch (error) {
    if (hasLeft(request.body) && !(error instanceof Problem)) throw new Aborted(messageOf(error), { cause: error });
    if (!(error instanceof Problem)) logger.error(`A POST broke: ${messageOf(error)}`, { error });
    const problem = error instanceof Problem ? error : new Problem(500, 'Server error', { more: [messageOf(error)] });
    return answerProblem(problem, { takesJson: asJson }, report);
  }
  const problem = problemOf(report, taken);
  const understood = { format: form.format, takesJson: asJson };
  return problem === undefined
    ? answerDone(report, understood, form.isAsync)
    : answerProblem(problem, understood, report);
}

const hasLeft = (body: PostBody): boolean => (body.destroyed || body.aborted === true) && !body.readableEnded;

/** How a body was taken. */
interface Taken {
  /** Whether the events have their outcomes. */
  readonly hasWaited: boolean;
  /** Why the body was not read to its end. */
  readonly brokenOff: Problem | undefined;
}

async function take(
  { body, dataSource, mayPost }: PostRequest,
  { format, packing, isAsync, isStrict }: RequestForm,
  report: PostReport,
  { senders, limits, rejections, deadLetters, heldBytes }: PostSurroundings,
): Promise<Taken> {
  const route = dataSource === undefined ? routeByField(senders, mayPost) : routeTo(dataSource, senders, mayPost);
  const patience = patienceOf(limits['http.answerTimeout'].millis);
  const malformed = (line: number): string =>
    format === 'text' ? `Malformed string on line[${line}]` : `Malformed ${format === 'smile' ? 'Smile' : 'JSON'}`;
  const intake = new Intake({
    route,
    report,
    patience,
    malformed,
    waits: (sender) => senders.waits(sender),
    dataSource,
    rejections,
    deadLetters,
  });
  const received = receivedChunks(body, bodyLimitsOf(limits));
  const most = isStrict ? 'http.maxStrictBytes' : 'http.maxInflatedBytes';
  const chunks = atMost(unpacked(received, packing), limits[most], most);
  const maxEventBytes = limits['http.maxEventBytes'];
  const read = async (): Promise<void> => {
    if (dataSource !== undefined && !isStrict && (format === 'json' || format === 'ndjson')) {
      await intake.takeJson(chunks, { format: format === 'json' ? 'auto' : 'ndjson', maxEventBytes });
      return;
    }
    const config = senders.configs.find((config) => config.dataSource === dataSource);
    const decode = (bytes: BodyChunks): AsyncIterable<Decoded> => readBody(bytes, format, config, maxEventBytes);
    if (isStrict) await takeAllOrNone(chunks, decode, intake, report, heldBytes);
    else for await (const piece of decode(chunks)) await intake.take(piece);
  };
  let brokenOff: Problem | undefined;
  try {
    await read();
  } catch (error) {
    // What came before is with its sender already: the answer has to wait for it as for a whole body.
    if (isStrict || !isFaultOfBody(error)) throw error;
    brokenOff = error;
  }
  intake.flush();
  if (isAsync && (await patience((signal) => intake.isHeldInMemory(signal)))) return { hasWaited: false, brokenOff };
  await patience(() => report.settled());
  return { hasWaited: true, brokenOff };
}

const isFaultOfBody = (error: unknown): error is Problem => error instanceof Problem && error.status < 500;

/** Reads the body twice: its bytes are held meanwhile, as its events would take many times their room. */
async function takeAllOrNone(
  chunks: BodyChunks,
  read: (chunks: BodyChunks) => AsyncIterable<Decoded>,
  intake: Intake,
  report: PostReport,
  heldBytes: HeldBytes,
): Promise<void> {
  const held: Buffer[] = [];
  try {
    const holding = async function* (): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        heldBytes.hold(chunk);
        held.push(chunk);
        yield chunk;
      }
    };
    for await (const piece of read(holding())) intake.check(piece);
    const bad = Object.values(report.dropped).reduce((sum, count) => sum + count, 0);
    if (bad > 0) {
      report.received = intake.checked;
      throw new Problem(report.fault?.status ?? 400, report.fault?.message ?? 'Some events would be dropped', {
        more: [`strict=true: ${bad} of ${report.received} events are bad, and none was sent.`],
      });
    }
    for await (const piece of read(held)) await intake.take(piece);
  } finally {
    heldBytes.release(held);
  }
}

function problemOf({ error, fault }: PostReport, { hasWaited, brokenOff }: Taken): Problem | undefined {
  if (error !== undefined && hasWaited) {
    const words = `${error.code}: ${error.message}`;
    return error.retryable
      ? new Problem(503, 'Druid did not take all events', { more: [words] })
      : new Problem(500, 'Server error', { more: [words] });
  }
  if (brokenOff !== undefined) return brokenOff;
  return fault === undefined ? undefined : new Problem(fault.status, fault.message);
}

/** So long for each wait. */
function patienceOf(millis: number): Patience {
  return async (wait) => {
    const over = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        over.abort();
        reject(
          new Problem(503, 'Druid does not take events fast enough now', {
            more: [
              `Waited for ${millis / 1000} s (http.answerTimeout). Events that are under way may still arrive: sending them again may send them twice.`,
            ],
          }),
        );
      }, timerMillis(millis));
    });
    try {
      return await Promise.race([wait(over.signal), late]);
    } finally {
      clearTimeout(timer);
    }
  };
}

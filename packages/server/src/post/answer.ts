import type { IncomingHttpHeaders } from 'node:http';
import { encodeSmile } from '@tranquility-js/core/internal';
import type { PostReport } from './post-report.js';
import type { Problem } from './problem.js';
import type { BodyFormat } from './request-form.js';

/** What a POST is answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

const json = 'application/json; charset=UTF-8';
const text = 'text/plain; charset=UTF-8';

/** What a client can read besides what it is answered by default. */
export interface Understood {
  /** How it wrote its events: those who write Smile are answered in Smile. */
  readonly format?: BodyFormat | undefined;
  /** Whether it asked for JSON (`Accept`): problems are texts otherwise, as Tranquility's are. */
  readonly takesJson: boolean;
}

/** Whether a client asks for JSON (`Accept`). */
export const takesJson = ({ accept = '' }: IncomingHttpHeaders): boolean => /\bapplication\/json\b/i.test(accept);

/**
 * The answer when the events were taken, and none of the body's faults decides over it.
 * @param isAsync whether nobody waited: then none counts as sent, as in Tranquility.
 */
export function answerDone(report: PostReport, { format }: Understood, isAsync: boolean): Answer {
  const { received, sent, dropped, rejected } = resultOf(report);
  const value = { result: { received, sent: isAsync ? 0 : sent, dropped, rejected } };
  return format === 'smile'
    ? {
        status: 200,
        headers: { 'content-type': 'application/x-jackson-smile; charset=UTF-8' },
        body: encodeSmile(value),
      }
    : { status: 200, headers: { 'content-type': json }, body: JSON.stringify(value) };
}

/** The answer to a request that was not done as it was asked. */
export function answerProblem(problem: Problem, understood: Understood, report?: PostReport): Answer {
  const { status, message, more, headers } = problem;
  if (understood.takesJson) {
    const value = {
      error: message,
      ...(more.length === 0 ? {} : { details: more }),
      ...(report === undefined ? {} : { result: resultOf(report) }),
    };
    return { status, headers: { ...headers, 'content-type': json }, body: JSON.stringify(value) };
  }
  const lines = [message, ...more, ...(report === undefined || report.received === 0 ? [] : linesOf(report))];
  return { status, headers: { ...headers, 'content-type': text }, body: `${lines.join('\n')}\n` };
}

interface Result {
  readonly received: number;
  readonly sent: number;
  readonly dropped?: PostReport['dropped'];
  readonly failed?: number;
  readonly underWay?: number;
  readonly rejected?: PostReport['rejected'];
}

/** Tranquility's two numbers, and more where there is more to say. */
function resultOf({ received, sent, failed, dropped, rejected, underWay }: PostReport): Result {
  return {
    received,
    sent,
    ...(Object.keys(dropped).length === 0 ? {} : { dropped }),
    ...(failed === 0 ? {} : { failed }),
    ...(underWay === 0 ? {} : { underWay }),
    ...(rejected.length === 0 ? {} : { rejected }),
  };
}

function linesOf({ received, sent, failed, dropped, rejected, underWay }: PostReport): readonly string[] {
  const counts = [
    `received ${received}`,
    `sent ${sent}`,
    ...Object.entries(dropped).map(([reason, count]) => `${reason} ${count}`),
    ...(failed === 0 ? [] : [`failed ${failed}`]),
    ...(underWay === 0 ? [] : [`under way ${underWay}`]),
  ];
  const told = rejected.map(({ index, line, byte, reason, message }) => {
    const place = [
      `event ${index}`,
      ...(line === undefined ? [] : [`line ${line}`]),
      ...(byte === undefined ? [] : [`byte ${byte}`]),
    ];
    return `${place.join(', ')}: ${reason}: ${message.replaceAll('\n', ' ')}`;
  });
  return [counts.join(', '), ...told];
}

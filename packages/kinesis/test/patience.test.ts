import { expect, it } from 'vitest';
import type { ErrorKind } from '../src/aws/error-kind.js';
import { Patience, whileThrottled } from '../src/source/patience.js';

const errorOf = (name: string): Error => Object.assign(new Error(name), { name });
const clock = { now: () => 0, sleep: () => Promise.resolve() };

it('what comes too often is asked for again, and any other error is told', async () => {
  const told: ErrorKind[] = [];
  const patience = new Patience(clock, (kind) => told.push(kind));
  const { signal } = new AbortController();
  const answers = [errorOf('LimitExceededException'), errorOf('ThrottlingException'), 'found'];
  const ask = (): Promise<string> => {
    const answer = answers.shift() ?? errorOf('AccessDeniedException');
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  expect(await whileThrottled(ask, patience, signal)).toBe('found');
  expect(told).toEqual(['throttled', 'throttled']);
  await expect(whileThrottled(ask, patience, signal)).rejects.toThrow('AccessDenied');
  answers.push(errorOf('ThrottlingException'));
  await expect(whileThrottled(ask, patience, AbortSignal.abort())).rejects.toThrow('Throttling');
});

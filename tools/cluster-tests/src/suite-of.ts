import { afterAll, describe, it } from 'vitest';
import { runCase, type Proof } from './proof.js';
import { Stages } from './stages.js';

/** A proof as a suite, in its small size. */
export function suiteOf(proof: Proof): void {
  const tell = (line: string): void => {
    process.stderr.write(`[${proof.name}] ${line}\n`);
  };
  const stages = new Stages(tell);
  afterAll(() => stages[Symbol.asyncDispose]());
  describe(proof.promise, () => {
    const small = proof.cases.filter(({ isForFullSize = false }) => !isForFullSize);
    it.each(small.map((one) => [one.name, one] as const))('%s', async (name, one) => {
      if (one.cluster !== undefined) await stages.enter(one.cluster);
      const figures = await runCase(one, 'small', tell);
      process.stderr.write(`[${proof.name}, ${name}] ${JSON.stringify(figures)}\n`);
    });
  });
}

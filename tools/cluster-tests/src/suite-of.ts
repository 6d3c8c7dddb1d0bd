import { describe, it } from 'vitest';
import { runCase, type Proof } from './proof.js';

/** A proof as a suite, in its small size. */
export function suiteOf(proof: Proof): void {
  describe(proof.promise, () => {
    it.each(proof.cases.map((one) => [one.name, one] as const))('%s', async (name, one) => {
      const figures = await runCase(one, 'small', () => undefined);
      process.stderr.write(`[${proof.name}, ${name}] ${JSON.stringify(figures)}\n`);
    });
  });
}

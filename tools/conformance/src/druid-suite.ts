import { describe } from 'vitest';
import { overlordSuite } from './overlord-suite.js';
import { receiverSuite } from './receiver-suite.js';
import { rowsSuite } from './rows-suite.js';
import { sqlSuite } from './sql-suite.js';
import { taskStarter } from './start-task.js';
import type { Target } from './target.js';

/** What Druid 28 answers, measured: the words of overlord, event receiver and SQL, and what becomes of rows. */
export function druidSuite(target: () => Target): void {
  const start = taskStarter(target);

  describe('an overlord', () => {
    overlordSuite(start, target);
  });
  describe('an event receiver', () => {
    receiverSuite(start);
  });
  describe('rows', () => {
    rowsSuite(start);
  });
  describe('SQL', () => {
    sqlSuite(start);
  });
}

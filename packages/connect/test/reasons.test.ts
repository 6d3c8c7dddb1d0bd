import { expect, it } from 'vitest';
import { reasonsOf } from '../src/reasons.js';

it('are told of each partition that stands still, and once of what several have in common', () => {
  const trouble = 'Dead letters cannot be written to dead.';
  const stopped = { stream: 'clicks', partition: '0', position: '7', reason: 'late', message: 'It is late.' };
  const none = { stopped: undefined, trouble: undefined };
  expect(reasonsOf([none, { ...none, trouble }, { stopped, trouble }])).toEqual([
    trouble,
    'clicks, partition 0 stands still at 7 (late): It is late.',
  ]);
});

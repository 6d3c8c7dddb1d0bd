import { TranquilityError } from '@tranquility-js/core';
import { expect, it } from 'vitest';
import { LoopTroubles } from '../src/loop-troubles.js';
import type { KinesisTrouble } from '../src/trouble.js';

const away = new TranquilityError('TRQ_LEASES_UNREACHABLE', 'It is away.');
const told = 'clicks: It is away. It is tried again.';

it('a loop is in trouble until it has done its work, whatever the others do; what all suffer from is told once', () => {
  const tell: KinesisTrouble[] = [];
  const troubles = new LoopTroubles('clicks', (trouble) => tell.push(trouble));
  troubles.failed('checkpoints', away);
  troubles.failed('leases', away);
  troubles.failed('leases', new TranquilityError('TRQ_LEASES_UNREACHABLE', 'It is still away.'));
  expect(troubles.reasons).toEqual([told, 'clicks: It is still away. It is tried again.']);
  troubles.done('leases');
  expect(troubles.reasons).toEqual([told]);
  troubles.done('checkpoints');
  expect(troubles.reasons).toEqual([]);
  expect(tell).toEqual([{ kind: 'disconnected', message: told, stream: 'clicks' }]);
});

it.each([
  [new TranquilityError('TRQ_LEASES_REFUSED', 'No.'), 'refused'],
  [Object.assign(new Error('no right'), { name: 'AccessDeniedException' }), 'refused'],
  [Object.assign(new Error('no stream'), { name: 'ResourceNotFoundException' }), 'deleted'],
  [new Error('no answer'), 'disconnected'],
])('%s is %s', (error, kind) => {
  const tell: string[] = [];
  new LoopTroubles('clicks', (trouble) => tell.push(trouble.kind)).failed('shards', error);
  expect(tell).toEqual([kind]);
});

import { silentLogger } from '@tranquility-js/core';
import { expect, it } from 'vitest';
import { Troubles } from '../src/troubles.js';

it('are said once a minute', () => {
  const said: string[] = [];
  let now = 0;
  const troubles = new Troubles({ ...silentLogger, warn: (sentence) => said.push(sentence) }, () => now);
  const away = new Error('Nobody answers');
  for (now of [0, 1, 59_999, 60_000, 60_001]) troubles.tell('clicks', away);
  troubles.tell('views', away);
  troubles.tell('clicks', new Error('Refused.'));
  expect(said).toEqual([
    'clicks: Nobody answers. It is tried again.',
    'clicks: Nobody answers. It is tried again.',
    'views: Nobody answers. It is tried again.',
    'clicks: Refused. It is tried again.',
  ]);
});

it('are not remembered without end', () => {
  const said: string[] = [];
  const troubles = new Troubles({ ...silentLogger, warn: (sentence) => said.push(sentence) }, () => 0);
  for (let at = 0; at < 101; at++) troubles.tell('clicks', new Error(`At ${at}.`));
  troubles.tell('clicks', new Error('At 0.'));
  expect(said).toHaveLength(102);
});

import { PlaceNotes } from '@tranquility-js/connect';
import { expect, it } from 'vitest';
import { witnessIn, withWitness } from '../src/source/witness-note.js';

const witness = { offset: 98, epoch: 3, timestamp: 1_700_000_000_000 };
const journals = PlaceNotes.read('').with(['one'], '40').with(['other'], '100');

it('is kept beside what journals have written, through the text that the group keeps', () => {
  const kept = PlaceNotes.read(withWitness(journals, 100, witness).toString());
  expect(witnessIn(kept, 100)).toEqual(witness);
  expect([kept.of('one'), kept.of('other')]).toEqual(['40', '100']);
  const next = withWitness(kept, 200, { ...witness, offset: 199 });
  expect([witnessIn(next, 200)?.offset, witnessIn(next, 100)]).toEqual([199, undefined]);
});

it('counts for its place alone, as others move the place and keep the text', () => {
  const kept = withWitness(journals, 100, witness);
  expect(witnessIn(kept.with(['one'], '120'), 120)).toBeUndefined();
  expect(witnessIn(withWitness(kept, 100, undefined), 100)).toBeUndefined();
});

it.each([
  '',
  'tranquility one=100',
  'tranquility ~read=',
  'tranquility ~read=100:98:3',
  'tranquility ~read=100:98:x:1',
])('there is none in %j', (text) => {
  expect(witnessIn(PlaceNotes.read(text), 100)).toBeUndefined();
});

it('costs no text where there is nothing to keep', () => {
  expect(withWitness(PlaceNotes.read(''), 100, undefined).toString()).toBe('');
});

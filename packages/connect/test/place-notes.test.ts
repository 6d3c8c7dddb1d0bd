import { expect, it } from 'vitest';
import { PlaceNotes } from '../src/place-notes.js';

it('hands on what others have written', () => {
  const notes = PlaceNotes.read('').with(['a'], '10').with(['b', 'c'], '20:7').with(['a'], '30');
  const read = PlaceNotes.read(notes.toString());
  expect(['a', 'b', 'c', 'd'].map((journal) => read.of(journal))).toEqual(['30', '20:7', '20:7', undefined]);
  expect(read.with([], '40').toString()).toBe(notes.toString());
});

it.each([null, undefined, '', 'of another program', 'tranquility'])('means nothing: %j', (text) => {
  expect(PlaceNotes.read(text).toString()).toBe('');
});

it('forgets the journal that wrote longest ago, and stays below what Kafka keeps', () => {
  let notes = PlaceNotes.read('');
  for (let at = 0; at < 60; at++) notes = notes.with([crypto.randomUUID()], String(Number.MAX_SAFE_INTEGER));
  expect(notes.with(['last'], '1').of('last')).toBe('1');
  expect(notes.toString().length).toBeLessThan(4_096);
});

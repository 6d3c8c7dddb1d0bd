import { describe, expect, it } from 'vitest';
import { committedPlace, startPosition } from '../src/source/start-position.js';

const facts = { committed: undefined, low: 10, high: 100, readable: 100, endAtStart: 80 };
const at = (offset: number) => ({ offset, lost: 0, isAnother: false });

describe('where to begin', () => {
  it.each([
    ['where the group was', { ...facts, committed: 50 }, 'latest', at(50)],
    ['at the end, when all is read', { ...facts, committed: 100 }, 'latest', at(100)],
    [
      'where the group was, in a transaction that is open',
      { ...facts, committed: 100, readable: 60 },
      'latest',
      at(100),
    ],
    ['at what was the end when the connector started', facts, 'latest', at(80)],
    ['not before what is still there', { ...facts, endAtStart: 5 }, 'largest', at(10)],
    ['at the beginning', facts, 'earliest', at(10)],
    ['at the beginning, by its old name', facts, 'smallest', at(10)],
    ['at the beginning of what was created since', { ...facts, endAtStart: undefined }, 'latest', at(10)],
    ['behind what was deleted unread', { ...facts, committed: 3 }, 'latest', { offset: 10, lost: 7, isAnother: false }],
    [
      'at the beginning of another log',
      { ...facts, committed: 101 },
      'latest',
      { offset: 10, lost: 0, isAnother: true },
    ],
    ['at the beginning of what was made anew, and is shorter', { ...facts, endAtStart: 101 }, 'latest', at(10)],
    ['at the beginning of what can be read to a smaller end', { ...facts, readable: 79 }, 'latest', at(10)],
    ['nowhere, if the config does not say', facts, 'none', undefined],
  ] as const)('%s', (_, known, reset, expected) => {
    expect(startPosition(known, reset)).toEqual(expected);
  });
});

it.each([
  ['none', -1, undefined],
  ['the oldest that is there, where kafkajs says so', -2, 10],
  ['the beginning', 0, 0],
  ['a record', 50, 50],
])('a place that is kept for a group: %s', (_, offset, place) => {
  expect(committedPlace(offset, 10)).toBe(place);
});

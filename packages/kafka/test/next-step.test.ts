import { describe, expect, it } from 'vitest';
import { isDoubtful, nextStep, stepBack, type Bounds, type Standing } from '../src/source/next-step.js';

const place = 100;
const goOn = { isTaken: true, place, lost: 0, isAnother: false };
const back = { ...goOn, isTaken: false };
const lost = (low: number) => ({ ...goOn, place: low, lost: low - place });
const anew = (low: number) => ({ ...goOn, place: low, isAnother: true });
const log = (low: number, high: number): Bounds => ({ low, high });

describe('what to do with an answer', () => {
  it.each<[string, Omit<Standing, 'place'>]>([
    ['has what comes next', { fetched: 100, end: 120 }],
    ['is at the end', { fetched: 100, end: 100 }],
    ['comes twice', { fetched: 80, end: 100 }],
    ['comes twice, and there is more by now', { fetched: 80, end: 1_000 }],
  ])('that %s is clear', (_, standing) => {
    expect(isDoubtful({ place, ...standing })).toBe(false);
    expect(nextStep({ place, ...standing }, undefined, false)).toEqual(goOn);
  });

  it.each<[string, Omit<Standing, 'place'>, Bounds, object, object?]>([
    ['was asked for further on', { fetched: 110, end: 120 }, log(0, 120), back, goOn],
    ['was asked for just behind', { fetched: 101, end: 120 }, log(100, 120), back, goOn],
    ['begins where the log does now', { fetched: 110, end: 120 }, log(110, 120), lost(110)],
    ['begins before the log does by now', { fetched: 110, end: 120 }, log(115, 120), lost(115)],
    ['begins behind what is left', { fetched: 110, end: 120 }, log(105, 120), { ...lost(105), isTaken: false }],
    ['is of a log that lost all but its end', { fetched: 120, end: 120 }, log(120, 120), lost(120)],
    ['is of a log that is shorter', { fetched: 0, end: 20 }, log(0, 30), anew(0)],
    ['is of one whose beginning is gone', { fetched: 10, end: 20 }, log(10, 20), anew(10)],
    ['is of one, and not its beginning', { fetched: 15, end: 20 }, log(10, 20), { ...anew(10), isTaken: false }],
    ['is of a log before it was shortened', { fetched: 110, end: 120 }, log(0, 20), { ...anew(0), isTaken: false }],
    ['comes twice, from a leader that knows less', { fetched: 80, end: 90 }, log(0, 100), goOn],
  ])('that %s needs a look at the log', (_, standing, bounds, first, again = first) => {
    expect(isDoubtful({ place, ...standing })).toBe(true);
    expect(nextStep({ place, ...standing }, bounds, false)).toEqual(first);
    expect(nextStep({ place, ...standing }, bounds, true)).toEqual(again);
  });
});

it.each<[string, Bounds, object]>([
  ['ended before it', log(0, 80), { ...anew(0), isTaken: false }],
  ['ended before it, and has grown past it since', log(0, 120), { ...anew(0), isTaken: false }],
  ['begins behind it', log(110, 120), { ...lost(110), isTaken: false }],
])('where the log %s, a place is left', (_, bounds, expected) => {
  expect(stepBack(place, bounds)).toEqual(expected);
});

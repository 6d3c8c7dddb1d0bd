import { expect, it } from 'vitest';
import { readParameters } from '../src/post/request-form.js';

it.each([
  ['', false, false],
  ['async=true&strict=1', true, true],
  ['async=YES&strict=No', true, false],
  ['async=0&strict=false', false, false],
  // Tranquility takes an empty `async` for false.
  ['async', false, false],
  ['async=&strict=', false, true],
  ['strict', false, true],
])('the parameters ?%s', (query, isAsync, isStrict) => {
  expect(readParameters(query)).toEqual({ isAsync, isStrict });
});

it('refuses other values', () => {
  expect(() => readParameters('strict=maybe')).toThrow('Expected true or false');
});

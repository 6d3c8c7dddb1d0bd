/** Whether a character, by its code point, is one of a class. */
export type CharClass = (code: number) => boolean;

const between = (code: number, from: number, to: number): boolean => code >= from && code <= to;

const digit: CharClass = (code) => between(code, 48, 57);
const lower: CharClass = (code) => between(code, 97, 122);
const upper: CharClass = (code) => between(code, 65, 90);
const word: CharClass = (code) => lower(code) || upper(code) || digit(code) || code === 95;
const space: CharClass = (code) => code === 32 || between(code, 9, 13);
const blank: CharClass = (code) => code === 32 || code === 9;

export function negated(inner: CharClass): CharClass {
  return (code) => !inner(code);
}

/** What a dot does not match. */
export const lineEnd: CharClass = (code) =>
  code === 10 || code === 13 || code === 0x85 || code === 0x2028 || code === 0x2029;

/** What `\b` stands beside: a letter, a digit or `_`. */
export const wordCharacter: CharClass = (code) =>
  code < 128 ? word(code) : /[\p{L}\p{Nd}]/u.test(String.fromCodePoint(code));

/** `\d`, `\w`, `\s` and the like, as Java has them: of ASCII only. */
export const escapedClasses: Readonly<Record<string, CharClass>> = {
  d: digit,
  D: negated(digit),
  w: word,
  W: negated(word),
  s: space,
  S: negated(space),
  h: (code) => blank(code) || /[\xA0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000]/.test(String.fromCodePoint(code)),
};

const posix: Readonly<Record<string, CharClass>> = {
  Lower: lower,
  Upper: upper,
  Alpha: (code) => lower(code) || upper(code),
  Digit: digit,
  Alnum: (code) => word(code) && code !== 95,
  Punct: (code) => between(code, 33, 126) && !(word(code) && code !== 95),
  Graph: (code) => between(code, 33, 126),
  Print: (code) => between(code, 32, 126),
  Blank: blank,
  Cntrl: (code) => code < 32 || code === 127,
  XDigit: (code) => digit(code) || between(code | 32, 97, 102),
  Space: space,
  ASCII: (code) => code < 128,
};

/** `\p{…}`: one of POSIX, or a general category of Unicode. `undefined` for any other. */
export function namedClass(name: string): CharClass | undefined {
  if (Object.hasOwn(posix, name)) return posix[name];
  const category = /^(?:Is)?([LMNPSZC][a-z]?)$/.exec(name)?.[1];
  if (category === undefined) return undefined;
  try {
    const pattern = new RegExp(`^\\p{${category}}$`, 'u');
    return (code) => pattern.test(String.fromCodePoint(code));
  } catch {
    return undefined;
  }
}

/** A class that takes letters of ASCII in either case. */
export function inAnyCase(inner: CharClass): CharClass {
  return (code) => inner(code) || (between(code | 32, 97, 122) && inner(code ^ 32));
}

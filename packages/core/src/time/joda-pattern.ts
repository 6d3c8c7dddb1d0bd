import { type FieldName, localTimeOf } from './joda-instant.js';
import {
  fractionStep,
  literal,
  numberStep,
  offsetStep,
  type Parsed,
  shortYearStep,
  type Step,
  textStep,
  zoneIdStep,
  zoneNameStep,
} from './joda-steps.js';
import { readDayOfWeek, readEra, readHalfday, readMonth } from './joda-texts.js';

/**
 * Makes the reader of a pattern of Joda's `DateTimeFormat`, in UTC where the text names no zone, with English names.
 *
 * @param thisYear the year around which years of two digits lie
 * @returns a function that gives epoch milliseconds, or NaN for a text that does not have the form or names what does not exist
 * @throws RangeError when Joda does not take the pattern or could not read anything with it
 */
export function compileJodaPattern(pattern: string, thisYear: number): (text: string) => number {
  const compiler = new Compiler(thisYear);
  const tokens = tokenize(pattern);
  tokens.forEach((token, index) => compiler.add(token, tokens[index + 1] ?? ''));
  return compiler.reader();
}

/** Runs of one letter, and the literal text between them after a single quote. */
function tokenize(pattern: string): string[] {
  const tokens: string[] = [];
  for (let at = 0; at < pattern.length;) {
    const [run] = /^([A-Za-z])\1*/.exec(pattern.slice(at)) ?? [];
    if (run !== undefined) {
      tokens.push(run);
      at += run.length;
      continue;
    }
    let text = '';
    for (let quoted = false; at < pattern.length && (quoted || !/[A-Za-z]/.test(pattern.charAt(at))); at++) {
      const char = pattern.charAt(at);
      if (char !== "'") text += char;
      else if (pattern.charAt(at + 1) === "'") text += pattern.charAt(at++);
      else quoted = !quoted;
    }
    tokens.push(`'${text}`);
  }
  return tokens;
}

const NUMBERS: Readonly<Record<string, FieldName>> = {
  M: 'monthOfYear',
  d: 'dayOfMonth',
  h: 'clockhourOfHalfday',
  H: 'hourOfDay',
  k: 'clockhourOfDay',
  K: 'hourOfHalfday',
  m: 'minuteOfHour',
  s: 'secondOfMinute',
  e: 'dayOfWeek',
  D: 'dayOfYear',
  w: 'weekOfWeekyear',
};

class Compiler {
  readonly #thisYear: number;
  readonly #steps: Step[] = [];
  readonly #saved: FieldName[] = [];

  constructor(thisYear: number) {
    this.#thisYear = thisYear;
  }

  add(token: string, next: string): void {
    const step = this.#stepOf(token, next);
    if (step !== undefined) this.#steps.push(step);
  }

  #stepOf(token: string, next: string): Step | undefined {
    const { length } = token;
    const letter = token.charAt(0);
    switch (letter) {
      case "'":
        return length === 1 ? undefined : literal(token.slice(1));
      case 'G':
        return textStep(this.#slot('era'), readEra);
      case 'C':
        return numberStep(this.#slot('centuryOfEra'), length, true);
      case 'x':
        return this.#year('weekyear', length, next);
      case 'y':
        return this.#year('year', length, next);
      case 'Y':
        return this.#year(length === 2 ? 'year' : 'yearOfEra', length, next);
      case 'E':
        return textStep(this.#slot('dayOfWeek'), readDayOfWeek);
      case 'a':
        return textStep(this.#slot('halfdayOfDay'), readHalfday);
      case 'S':
        return fractionStep(this.#slot('millisOfSecond'), length);
      case 'z':
        if (length < 4) return zoneNameStep;
        throw new RangeError(`Joda cannot read "${token}", the long name of a time zone. Use "z" or "ZZZ".`);
      case 'Z':
        return length < 3 ? offsetStep : zoneIdStep;
      default:
        return this.#numberOrMonth(letter, token);
    }
  }

  #numberOrMonth(letter: string, token: string): Step {
    const field = NUMBERS[letter];
    if (field === undefined) {
      throw new RangeError(
        `"${token}" is not a field of a Joda pattern, whose letters are G C x w e E y Y D M d a K h H k m s S z Z. ` +
          "Put single quotes around text that is to be read as it is: 'T'.",
      );
    }
    const slot = this.#slot(field);
    if (letter === 'M' && token.length > 2) return textStep(slot, readMonth);
    return numberStep(slot, Math.max(token.length, letter === 'D' ? 3 : letter === 'e' ? 1 : 2), false);
  }

  #year(field: 'weekyear' | 'year' | 'yearOfEra', length: number, next: string): Step {
    const exact = isNumeric(next);
    if (length === 2) return shortYearStep(this.#slot(field), this.#thisYear, exact);
    return numberStep(this.#slot(field), exact ? length : Math.max(length, 9), field !== 'yearOfEra');
  }

  #slot(field: FieldName): number {
    return this.#saved.push(field) - 1;
  }

  reader(): (text: string) => number {
    const steps = this.#steps;
    if (steps.length === 0) throw new RangeError('The pattern is empty.');
    const parsed: Parsed = { values: this.#saved.map(() => 0), offset: undefined, zone: undefined };
    const localTime = localTimeOf(this.#saved);
    return (text) => {
      parsed.offset = parsed.zone = undefined;
      let position = 0;
      for (const step of steps) {
        position = step(parsed, text, position);
        if (position < 0) return NaN;
      }
      return position < text.length ? NaN : instantOf(localTime(parsed.values), parsed);
    };
  }
}

/** Whether digits of a year would run into the next element. */
function isNumeric(token: string): boolean {
  return /^[CxyYdhHmsSeDwkK]/.test(token) || /^MM?$/.test(token);
}

function instantOf(local: number, { offset, zone }: Parsed): number {
  if (offset !== undefined) return local - offset;
  if (zone === undefined || Number.isNaN(local)) return local;
  return zone.skips(local) ? NaN : zone.fromLocal(local);
}

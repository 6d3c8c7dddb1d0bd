/** The texts of fields in English as Joda reads them, each in its own case, all small, and all capital. */

/** Reads one text of a list that begins at `position`: its value and end, or `undefined`. The longest wins. */
export type TextReader = (
  text: string,
  position: number,
) => { readonly value: number; readonly end: number } | undefined;

const MONTHS = 'January February March April May June July August September October November December';
const DAYS = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday';

export const readMonth: TextReader = textReader(namesWithShort(MONTHS));
export const readDayOfWeek: TextReader = textReader(namesWithShort(DAYS));
export const readHalfday: TextReader = textReader([
  ['AM', 0],
  ['PM', 1],
]);
export const readEra: TextReader = textReader([
  ['BC', 0],
  ['AD', 1],
  ['BCE', 0],
  ['CE', 1],
]);

function namesWithShort(names: string): [string, number][] {
  return names.split(' ').flatMap((name, index): [string, number][] => [
    [name, index + 1],
    [name.slice(0, 3), index + 1],
  ]);
}

function textReader(entries: readonly (readonly [string, number])[]): TextReader {
  const values = new Map(
    entries.flatMap(([name, value]): [string, number][] => [
      [name, value],
      [name.toLowerCase(), value],
      [name.toUpperCase(), value],
    ]),
  );
  const longest = Math.max(...entries.map(([name]) => name.length));
  return (text, position) => {
    for (let end = Math.min(text.length, position + longest); end > position; end--) {
      const value = values.get(text.slice(position, end));
      if (value !== undefined) return { value, end };
    }
    return undefined;
  };
}

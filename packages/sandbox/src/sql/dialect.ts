import { iso } from '../store/segment-id.js';

/** Texts, quoted names and comments, in which nothing is to be replaced. */
const literals = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g;
const mark = '\uE000';
const marked = new RegExp(`${mark}(\\d+)${mark}`, 'g');

const units: Readonly<Record<string, string>> = {
  Y: 'year',
  M: 'month',
  W: 'week',
  D: 'day',
  TH: 'hour',
  TM: 'minute',
  TS: 'second',
};

/**
 * A query of Druid's SQL in the words of DuckDB, where they differ and one stands for the other: `FLOOR(x TO HOUR)`,
 * `TIME_FLOOR(x, 'PT1H')`, and the time of the sandbox's clock.
 */
export function toDuckDB(sql: string, now: number): string {
  const kept: string[] = [];
  const bare = sql.replace(literals, (literal) => `${mark}${kept.push(literal) - 1}${mark}`);
  const translated = bare
    .replace(/\bFLOOR\s*\(([^()]*?)\s+TO\s+([A-Z]+)\s*\)/gi, "date_trunc('$2', $1)")
    .replace(
      new RegExp(`\\bTIME_FLOOR\\s*\\(([^()]*?),\\s*${mark}(\\d+)${mark}\\s*\\)`, 'gi'),
      (whole, expression: string, index: string) => timeFloor(expression, kept[Number(index)] ?? '') ?? whole,
    )
    .replace(/\bCURRENT_TIMESTAMP\b(\s*\(\s*\))?/gi, `TIMESTAMP '${iso(now).replace('T', ' ').replace('Z', '')}'`)
    .replace(/\bCURRENT_DATE\b/gi, `DATE '${iso(now).slice(0, 10)}'`);
  return translated.replace(marked, (_, index: string) => kept[Number(index)] ?? '');
}

/** Only periods of one unit. */
function timeFloor(expression: string, period: string): string | undefined {
  const [, time = '', count = '', letter = ''] = /^'P(T?)(\d+)([YMWDHS])'$/i.exec(period) ?? [];
  const unit = units[`${time}${letter}`.toUpperCase()];
  if (unit === undefined) return undefined;
  if (count === '1') return `date_trunc('${unit}', ${expression})`;
  return `time_bucket(INTERVAL '${count} ${unit}', ${expression}, TIMESTAMP '1970-01-01')`;
}

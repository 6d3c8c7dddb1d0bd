import type { Random } from './random.ts';

const digits = (value: number, length: number): string => String(value).padStart(length, '0');

function isoDate(random: Random): string {
  const year = random.oneIn(12)
    ? random.of(['-5', '0', '+2009', '-0044', '12', '10000', '292278993', '-292275054', '999999999', '0000'])
    : digits(random.between(1890, 2040), 4);
  const month = digits(random.between(random.oneIn(20) ? 0 : 1, random.oneIn(20) ? 13 : 12), random.oneIn(12) ? 1 : 2);
  const day = digits(random.between(random.oneIn(20) ? 0 : 1, random.oneIn(6) ? 32 : 28), random.oneIn(12) ? 1 : 2);
  const week = digits(random.between(0, 54), random.oneIn(9) ? 1 : 2);
  const forms = [`${year}-${month}-${day}`, `${year}-${digits(random.between(0, 367), 3)}`, `${year}-W${week}`];
  forms.push(`${year}-W${week}-${random.between(0, 8)}`, `${year}-${month}`, year);
  return random.oneIn(3) ? random.of(forms) : `${year}-${month}-${day}`;
}

function isoTime(random: Random): string {
  const part = (most: number): string =>
    digits(random.between(0, random.oneIn(25) ? most + 1 : most), random.oneIn(15) ? 1 : 2);
  const fraction = random.oneIn(2)
    ? random.of(['.', '.', ',']) + digits(random.between(0, 999_999_999), 9).slice(random.between(0, 8))
    : '';
  const [hour, minute, second] = [part(23), part(59), part(59)];
  const forms = [hour + fraction, `${hour}:${minute}${fraction}`, `${hour}${minute}${second}`, ''];
  return random.oneIn(4) ? random.of(forms) : `${hour}:${minute}:${second}${fraction}`;
}

/** An offset of any form, good and bad. */
function offset(random: Random): string {
  const sign = random.of(['+', '-']);
  const [hh, mm, ss] = [
    digits(random.between(0, 24), 2),
    digits(random.between(0, 60), 2),
    digits(random.between(0, 59), 2),
  ];
  const forms = ['Z', 'Z', 'z', '', '', `${sign}${hh}`, `${sign}${hh}:${mm}`, `${sign}${hh}${mm}`];
  forms.push(
    `${sign}${hh}:${mm}:${ss}`,
    `${sign}${hh}${mm}${ss}`,
    `${sign}${hh}:${mm}:${ss}.${random.between(0, 1999)}`,
  );
  forms.push(`${sign}${hh}${mm}${ss}${digits(random.between(0, 999), 3)}`, `${sign}${random.between(0, 9)}`);
  return random.of(forms);
}

const zoneNames =
  'UTC GMT PST EST America/New_York Europe/Paris Asia/Kolkata Etc/GMT+8 pst Nowhere/Land Asia/ Z W-SU'.split(' ');

function isoText(random: Random): string {
  const date = isoDate(random);
  if (random.oneIn(8)) return date;
  const text = date + random.of(['T', 'T', 'T', ' ', 't', '']) + isoTime(random) + offset(random);
  return random.oneIn(10) ? `${text} ${random.of(zoneNames)}` : text;
}

function numberText(random: Random): string {
  const whole = String(Math.floor(random.next() * 10 ** random.between(1, 17)));
  const sign = random.of(['', '', '', '-', '+']);
  const forms = [
    whole,
    whole,
    whole.padStart(20, '0'),
    `${whole}.5`,
    `${whole}.${random.between(0, 99_999)}`,
    `${whole}e3`,
  ];
  forms.push(
    '9223372036854775807',
    '9223372036854775808',
    '9223372036854775',
    '.5',
    '5.',
    `1E${random.between(-2, 12)}`,
  );
  return sign + (random.oneIn(3) ? random.of(forms) : whole);
}

/** A JSON number: whole or not, of any size that JavaScript holds. */
function number(random: Random): number {
  const whole = Math.floor(random.next() * 10 ** random.between(1, 17)) * (random.oneIn(4) ? -1 : 1);
  return random.oneIn(4) ? whole + random.of([0.5, 0.25, 0.9]) : whole;
}

const constants = [
  null,
  true,
  false,
  '',
  ' ',
  '"',
  '""',
  '" "',
  '\u0662\u0660',
  'NaN',
  'Infinity',
  '1.5f',
  '0x10',
  'null',
  'now',
];

/** Values for a format that has a name, as JSON. */
function* namedValues(random: Random, count: number): Generator<string> {
  for (const value of constants) yield JSON.stringify(value);
  for (let i = 0; i < count; i++) {
    if (random.oneIn(5)) yield JSON.stringify(number(random));
    else {
      const text = random.oneIn(3) ? numberText(random) : isoText(random);
      yield JSON.stringify(random.oneIn(6) ? random.damaged(text) : text);
    }
  }
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const WEEKDAYS = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ');
const zoneIds =
  'UTC Europe/Paris America/New_York Asia/Kolkata Australia/Lord_Howe EST5EDT America/Argentina/Ushuaia Etc/GMT+8 GMT Zulu Foo'.split(
    ' ',
  );

/** Text for a run of one letter of a pattern, most of it good. Fields are chosen one by one, and so need not agree. */
function fieldText(random: Random, token: string, firstYear: number): string {
  const width = random.oneIn(10) ? random.between(1, 3) : token.length;
  const oddly = (value: number): string => digits(value, width);
  const named = (names: readonly string[], long: boolean): string => {
    const name = random.of(names);
    const text = long === random.oneIn(8) ? name.slice(0, 3) : name;
    return random.oneIn(6) ? random.of([text.toLowerCase(), text.toUpperCase(), text.slice(0, 2)]) : text;
  };
  const range = (low: number, high: number): string => oddly(random.between(random.oneIn(15) ? low - 1 : low, high));
  const edge = random.oneIn(15) ? 1 : 0;
  switch (token.charAt(0)) {
    case 'G':
      return random.of(['AD', 'AD', 'BC', 'CE', 'BCE', 'ad', 'bce', 'Ad', 'XX']);
    case 'C':
      return range(0, 21);
    case 'x':
    case 'y':
    case 'Y':
      if (random.oneIn(12)) return random.of(['-44', '0', '+2009', '12', '123456', '0000', '999999999', '-', '+']);
      return token.length === 2 && !random.oneIn(8)
        ? range(1, 99)
        : digits(random.between(firstYear, 2036), token.length);
    case 'M':
      return token.length > 2 ? named(MONTHS, token.length > 3) : range(1, 12 + edge);
    case 'd':
      return range(1, random.oneIn(5) ? 32 : 28);
    case 'D':
      return range(1, 366 + edge);
    case 'w':
      return range(1, 53 + edge);
    case 'e':
      return range(1, 7 + edge);
    case 'E':
      return named(WEEKDAYS, token.length > 3);
    case 'a':
      return random.of(['AM', 'PM', 'am', 'pm', 'Am', 'A']);
    case 'h':
      return range(1, 12 + edge);
    case 'K':
      return range(0, 11 + edge);
    case 'H':
      return range(0, 23 + edge);
    case 'k':
      return range(1, 24 + edge);
    case 'm':
    case 's':
      return range(0, 59 + edge);
    case 'S':
      return digits(random.between(0, 10 ** Math.min(token.length, 9) - 1), token.length).slice(
        random.oneIn(9) ? 1 : 0,
      );
    case 'z':
      return random.of('UTC UT GMT EST EDT CST CDT MST MDT PST PDT CET est Z'.split(' '));
    case 'Z':
      return token.length < 3 ? offset(random) : random.of(zoneIds);
    default:
      return token;
  }
}

function* patternValues(random: Random, pattern: string, count: number): Generator<string> {
  const tokens = pattern.match(/'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+/g) ?? [];
  // Zones are compared since 1971 only.
  const firstYear = /z|ZZZ/.test(pattern) ? 1972 : 1890;
  for (let i = 0; i < count; i++) {
    const text = tokens
      .map((token) => {
        if (token === "''") return "'";
        if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
        return /^[A-Za-z]/.test(token) ? fieldText(random, token, firstYear) : token;
      })
      .join('');
    if (random.oneIn(9) && /^\d{1,15}(\.\d{1,3})?$/.test(text)) yield text.replace(/^0+(?=\d)/, '');
    else yield JSON.stringify(random.oneIn(8) ? random.damaged(text) : text);
  }
  yield '""';
  yield '" "';
  yield '20090213';
  yield '2009';
  yield '1.5e9';
}

const patterns = [
  'yyyy-MM-dd', 'yyyy-MM-dd HH:mm:ss', "yyyy-MM-dd'T'HH:mm:ss.SSSZ", "yyyy-MM-dd'T'HH:mm:ssZZ", 'yyyyMMdd', 'yyyyMMddHHmmss',
  'yyyyMMddHH', 'yyyyMMddHHmmssSSS', 'dd/MM/yyyy', 'MM/dd/yyyy HH:mm', 'M/d/yyyy h:mm:ss a', 'M/d/yy H:m', 'MM/dd/yy', 'yyMMdd',
  'yy-MM-dd', 'dd-MMM-yyyy', 'dd MMM yyyy HH:mm:ss z', 'EEE, dd MMM yyyy HH:mm:ss Z', 'EEEE, MMMM d, yyyy', 'EEE MMM dd HH:mm:ss z yyyy',
  "dd/MMM/yyyy:HH:mm:ss Z", 'yyyy-MM-dd HH:mm:ss,SSS', 'yyyy-MM-dd HH:mm:ss.SSSSSS', 'yyyy-MM-dd HH:mm:ss.S', 'HH:mm:ss', 'HH:mm',
  'yyyy', 'yyyy-MM', 'yyyy.DDD', 'yyyyDDD', "xxxx-'W'ww-e", "xxxx'W'ww", 'xx-ww-e', 'YYYY-ww', 'YYYY-MM-dd G', 'yyyy-MM-dd G', 'YYYY G',
  'G', 'CC', 'CC yyyy', 'CCYY-MM-dd', 'YY-MM', 'YYY', 'yyy', 'y', 'Y-M-d', 'x', 'MM-dd', 'MMM d', 'MMMM', 'dd', 'DDD', 'ww', 'e', 'EEE',
  'EEE HH:mm', 'a', 'K:mm a', 'KK:mm:ss a', 'hh:mm a', 'h a', 'kk:mm', 'k', 'KK', 'hh', 'ss', 'S', 'SSS', 'ss.SSS', 'mm', 'm:s',
  'yyyy-MM-dd ZZZ', 'yyyy-MM-dd HH:mm ZZZ', 'ZZZ yyyy-MM-dd HH', 'ZZZ', 'z', 'Z', 'HH:mmZ', 'yyyy-MM-dd HH:mm:ss z', "yyyy''MM", "'at' HH 'o''clock'",
  "yyyy'T'", "''''yyyy", 'yyyy年MM月dd日', 'yyyy-MM-dd HH:mm:ss a', 'yyyy-MM-dd hh HH', 'yyyy-MM-dd EEE', 'yyyy-MM-dd e', 'yyyy-DDD MM',
  'yyyy yyyy', 'yyyy xxxx', 'yyyy-ww', 'MM dd dd', 'HH HH', 'yyyyyyyyyyyy', 'yyyyMM', 'yyyyyMM', 'yMM', 'dMyyyy', 'ddMMyyyy', 'YYYYMMdd', 'xxxxwwe',
  'yyyy/MM/dd HH:mm:ss Z z', 'dd.MM.yyyy HH.mm.ss', "yyyy-MM-dd'Z'", 'eeee', 'DDDD yyyy', 'MMddyyyyHHmmss', 'EEEE', 'y-M-d H:m:s.S',
]; // prettier-ignore

const badFormats = [
  '',
  'seconds',
  'auto ',
  'constructor',
  'zzzz',
  'yyyy zzzz',
  'yyyy-MM-ddTHH:mm',
  'b',
  'c',
  'yyyy F',
  "'",
  "''''",
  "'text'",
  'L',
  'yyyy W',
  'u',
  '123',
  'ISO',
  'Millis',
  'POSIX',
];

/** The cases of timestamps: a line for each format, and lines of its values. */
export function* timestampCases(random: Random): Generator<string> {
  for (const format of ['auto', 'iso']) {
    yield `F\t${JSON.stringify(format)}`;
    yield* namedValues(random, 2800);
  }
  for (const format of ['millis', 'posix', 'micro', 'nano', 'ruby']) {
    yield `F\t${JSON.stringify(format)}`;
    yield* namedValues(random, 450);
  }
  for (const pattern of patterns) {
    yield `F\t${JSON.stringify(pattern)}`;
    yield* patternValues(random, pattern, 75);
  }
  for (const format of badFormats) {
    yield `F\t${JSON.stringify(format)}`;
    yield* patternValues(random, format, 2);
  }
}

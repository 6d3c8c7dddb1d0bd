/**
 * Finds JSON objects that stand one behind another, checks each as strictly as `JSON.parse` does, and notes where its members stand.
 * The same rules as in object-scanner.ts, which reads one object at a time: 16 bytes of a string are looked at in one step.
 *
 * It works on its memory only: who calls it puts bytes at `input` and zeros behind them, and finds the events in the tables.
 */

/** Whether these bytes are UTF-8. */
declare function isUtf8(start: usize, end: usize): bool;

/** Deeper nesting is refused, as Jackson's StreamReadConstraints does. */
const maxDepth: i32 = 1000;

export const mostInput: usize = 131_072;
export const mostEvents: i32 = 4_096;
const mostMembers: i32 = 32_768;
/** The longest name of a column. */
export const mostColumn: usize = 256;
/** Zeros behind the input: a string ends there at the latest. */
export const margin: usize = 32;

export const column: usize = 1_024;
export const input: usize = column + mostColumn;
/** The events, and behind each what separates rows. */
export const rows: usize = input + mostInput + margin;
/** For each event an i32: where it begins and ends in the input, where its row ends, its first member; for each time an f64. */
export const starts: usize = rows + mostInput + mostEvents * 2 + margin;
export const ends: usize = starts + mostEvents * 4;
export const rowEnds: usize = ends + mostEvents * 4;
export const firstMembers: usize = rowEnds + mostEvents * 4;
export const times: usize = (firstMembers + mostEvents * 4 + 4 + 7) & ~7;
/** For each member four i32: begin and end of its key's text (the complement of the end if it has escapes), of its value. */
export const members: usize = times + mostEvents * 8;
export const top: usize = members + <usize>mostMembers * 16;

const quote: u8 = 34,
  comma: u8 = 44,
  minus: u8 = 45,
  point: u8 = 46,
  zero: u8 = 48,
  colon: u8 = 58;
const openArray: u8 = 91,
  backslash: u8 = 92,
  closeArray: u8 = 93,
  openObject: u8 = 123,
  closeObject: u8 = 125;

/** Behind the last event of a run. */
export let runEnd: usize = 0;

let hasEscapes: bool = false;
let hasLine: bool = false;
let isWide: bool = false;
/** Where the next member is noted. */
let noted: usize = 0;

function byteAt(at: usize): u8 {
  return load<u8>(at);
}

/**
 * @param isCut whether there is more behind the limit: how a line goes on that comes up to it is not known then.
 * @param byLine each event on a line of its own; otherwise commas may stand between them if `inArray`.
 * @param mostBytes of an event, or of its line.
 */
export function run(from: usize, limit: usize, isCut: bool, byLine: bool, inArray: bool, mostBytes: usize): i32 {
  let at = from;
  let row = rows;
  let count: i32 = 0;
  noted = members;
  runEnd = from;
  while (count < mostEvents && at < limit && byteAt(at) == openObject) {
    const first = noted;
    hasLine = false;
    isWide = false;
    const end = object(at + 1, 1);
    if (end == 0 || end > limit || end - at > mostBytes || (isWide && !isUtf8(at, end))) break;
    let next = end;
    if (byLine) {
      if (hasLine) break;
      let byte = byteAt(next);
      while (next < limit && (byte == 32 || byte == 9 || byte == 13)) byte = byteAt(++next);
      if (next - at > mostBytes) break;
      if (next < limit) {
        if (byte != 10) break;
        next++;
      } else if (isCut) break;
    }
    row = copy(at, end, row);
    const entry = (<usize>count) << 2;
    store<u32>(starts + entry, <u32>at);
    store<u32>(ends + entry, <u32>end);
    store<u32>(rowEnds + entry, <u32>(row - 2));
    store<u32>(firstMembers + entry, <u32>((first - members) >> 4));
    store<u32>(firstMembers + entry + 4, <u32>((noted - members) >> 4));
    count++;
    runEnd = next;
    at = byLine ? next : separated(next, inArray);
  }
  return count;
}

function separated(from: usize, inArray: bool): usize {
  let at = from;
  let byte = byteAt(at);
  while ((byte == comma && inArray) || byte == 32 || byte == 9 || byte == 13) byte = byteAt(++at);
  while (byte == 10 || byte == 32 || byte == 9 || byte == 13) byte = byteAt(++at);
  return at;
}

function copy(from: usize, end: usize, to: usize): usize {
  for (let at: usize = 0; at < end - from; at += 16) v128.store(to + at, v128.load(from + at));
  const rowEnd = to + (end - from);
  store<u8>(rowEnd, comma);
  store<u8>(rowEnd + 1, 32);
  return rowEnd + 2;
}

/** Notes of each event of the run the whole number that its column has; NaN for anything else. */
export function readTimes(count: i32, length: usize): void {
  for (let event: i32 = 0; event < count; event++) {
    const entry = firstMembers + ((<usize>event) << 2);
    const first = members + ((<usize>load<u32>(entry)) << 4);
    let at = members + ((<usize>load<u32>(entry + 4)) << 4);
    let time: f64 = NaN;
    while (at > first) {
      at -= 16;
      const keyEnd = load<i32>(at + 4);
      if (keyEnd < 0) break;
      const key = <usize>load<u32>(at);
      if (<usize>keyEnd - key != length || !sameBytes(key, column, length)) continue;
      time = wholeNumber(<usize>load<u32>(at + 8), <usize>load<u32>(at + 12));
      break;
    }
    store<f64>(times + ((<usize>event) << 3), time);
  }
}

function sameBytes(one: usize, other: usize, length: usize): bool {
  for (let i: usize = 0; i < length; i++) if (byteAt(one + i) != byteAt(other + i)) return false;
  return true;
}

function wholeNumber(start: usize, end: usize): f64 {
  if (end - start > 15) return NaN;
  let number: u64 = 0;
  for (let at = start; at < end; at++) {
    const digit = byteAt(at) - zero;
    if (digit > 9) return NaN;
    number = number * 10 + digit;
  }
  return <f64>number;
}

/** Each of these gives the offset behind what it reads, or 0. */
function value(at: usize, depth: i32): usize {
  const byte = byteAt(at);
  if (byte == quote) return string(at + 1);
  if (byte == minus || <u8>(byte - zero) <= 9) return number(at);
  if (byte == openObject) return depth < maxDepth ? object(at + 1, depth + 1) : 0;
  if (byte == openArray) return depth < maxDepth ? array(at + 1, depth + 1) : 0;
  const word = load<u32>(at);
  if (word == 0x65757274 || word == 0x6c6c756e) return depth < maxDepth ? at + 4 : 0;
  return word == 0x736c6166 && byteAt(at + 4) == 101 && depth < maxDepth ? at + 5 : 0;
}

function object(from: usize, depth: i32): usize {
  let at = skipSpace(from);
  if (byteAt(at) == closeObject) return at + 1;
  while (true) {
    if (byteAt(at) != quote) return 0;
    const key = at + 1;
    hasEscapes = false;
    at = string(key);
    if (at == 0) return 0;
    const keyEnd = hasEscapes ? ~(<i32>(at - 1)) : <i32>(at - 1);
    at = skipSpace(at);
    if (byteAt(at) != colon) return 0;
    const start = skipSpace(at + 1);
    at = value(start, depth);
    if (at == 0) return 0;
    if (depth == 1) {
      if (noted == top) return 0;
      store<u32>(noted, <u32>key);
      store<i32>(noted + 4, keyEnd);
      store<u32>(noted + 8, <u32>start);
      store<u32>(noted + 12, <u32>at);
      noted += 16;
    }
    at = skipSpace(at);
    const byte = byteAt(at);
    if (byte == closeObject) return at + 1;
    if (byte != comma) return 0;
    at = skipSpace(at + 1);
  }
}

function array(from: usize, depth: i32): usize {
  let at = skipSpace(from);
  if (byteAt(at) == closeArray) return at + 1;
  while (true) {
    at = value(at, depth);
    if (at == 0) return 0;
    at = skipSpace(at);
    const byte = byteAt(at);
    if (byte == closeArray) return at + 1;
    if (byte != comma) return 0;
    at = skipSpace(at + 1);
  }
}

/** Most text is ASCII, and one comparison then tells what ends it. */
function string(from: usize): usize {
  let at = from;
  while (true) {
    const bytes = v128.load(at);
    const stops = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(bytes, i8x16.splat(quote)), i8x16.eq(bytes, i8x16.splat(backslash))),
        i8x16.lt_s(bytes, i8x16.splat(32)),
      ),
    );
    if (stops != 0) {
      at += <usize>ctz(stops);
      return byteAt(at) == quote ? at + 1 : anyString(at);
    }
    at += 16;
  }
}

/** From an escape or a byte that is not ASCII on. */
function anyString(from: usize): usize {
  let at = from;
  while (true) {
    const bytes = v128.load(at);
    const stops = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(bytes, i8x16.splat(quote)), i8x16.eq(bytes, i8x16.splat(backslash))),
        i8x16.lt_u(bytes, i8x16.splat(32)),
      ),
    );
    if (i8x16.bitmask(bytes) != 0) isWide = true;
    if (stops == 0) {
      at += 16;
      continue;
    }
    at += <usize>ctz(stops);
    const byte = byteAt(at);
    if (byte == quote) return at + 1;
    if (byte != backslash) return 0;
    hasEscapes = true;
    at = escape(at + 1);
    if (at == 0) return 0;
  }
}

function escape(at: usize): usize {
  switch (byteAt(at)) {
    case 34:
    case 92:
    case 47:
    case 98:
    case 102:
    case 110:
    case 114:
    case 116:
      return at + 1;
    case 117: {
      for (let i: usize = 1; i <= 4; i++) if (!isHexadecimal(byteAt(at + i))) return 0;
      return at + 5;
    }
    default:
      return 0;
  }
}

function isHexadecimal(byte: u8): bool {
  return <u8>(byte - zero) <= 9 || <u8>((byte | 32) - 97) < 6;
}

function number(from: usize): usize {
  let at = byteAt(from) == minus ? from + 1 : from;
  at = byteAt(at) == zero ? at + 1 : digits(at);
  if (at != 0 && byteAt(at) == point) at = digits(at + 1);
  if (at != 0 && (byteAt(at) | 32) == 101) {
    const sign = byteAt(at + 1);
    at = digits(sign == 43 || sign == minus ? at + 2 : at + 1);
  }
  return at;
}

function digits(from: usize): usize {
  let at = from;
  while (<u8>(byteAt(at) - zero) <= 9) at++;
  return at == from ? 0 : at;
}

function skipSpace(from: usize): usize {
  return byteAt(from) > 32 ? from : skipSpaces(from);
}

function skipSpaces(from: usize): usize {
  let at = from;
  while (true) {
    const byte = byteAt(at);
    if (byte == 10) hasLine = true;
    else if (byte != 32 && byte != 13 && byte != 9) return at;
    at++;
  }
}

import { DAY_MS, MAX_INSTANT } from './civil.js';
import { isJodaZoneName } from './zone-names.js';

/**
 * A time zone. The rules of named zones are the platform's (Intl). What they say is kept for stretches of time that are shorter than
 * any two changes of a zone have been apart since 1970 (a week), so that a change within a stretch is noticed at its ends.
 */
export class Zone {
  readonly #format: Intl.DateTimeFormat | undefined;
  readonly #fixedOffset: number;
  readonly #stretches = new Map<number, Stretch>();

  /** @param rules an offset in milliseconds, or the platform's name for the zone */
  constructor(rules: number | string) {
    this.#fixedOffset = typeof rules === 'number' ? rules : 0;
    this.#format =
      typeof rules === 'number'
        ? undefined
        : new Intl.DateTimeFormat('en-US', { timeZone: rules, timeZoneName: 'longOffset' });
  }

  /** Whether the offset never changes. */
  get isFixed(): boolean {
    return this.#format === undefined;
  }

  /** What to add to an instant (epoch milliseconds) to get the local time, in milliseconds. */
  offsetAt(ms: number): number {
    if (this.#format === undefined) return this.#fixedOffset;
    const stretch = this.#stretchAt(Math.floor(ms / STRETCH_MS));
    return ms < stretch.change ? stretch.before : stretch.after;
  }

  /** The local time of an instant, as milliseconds since 1970-01-01T00:00 local. */
  toLocal(ms: number): number {
    return ms + this.offsetAt(ms);
  }

  /**
   * The instant of a local time. Of a local time that is skipped the instant as far after the change as it is after the skipped time's
   * begin; of one that comes twice the first. (Joda's `getOffsetFromLocal`.)
   */
  fromLocal(local: number): number {
    const [guess, adjusted] = this.#guess(local);
    if (guess !== adjusted) return local - (guess < adjusted && this.#isSkipped(local, adjusted) ? guess : adjusted);
    if (guess < 0) return local - guess;
    const earlier = this.offsetAt(local - guess - DAY_MS - 1);
    return local - (earlier > guess && this.offsetAt(local - earlier) === earlier ? earlier : guess);
  }

  /**
   * As {@link fromLocal}, but of a local time that comes twice the one with the offset that `near` (an instant) has; if neither has it,
   * the second one east of Greenwich. (Joda's `convertLocalToUTC`, not strict.)
   */
  fromLocalNear(local: number, near: number): number {
    const offset = this.offsetAt(near);
    if (this.offsetAt(local - offset) === offset) return local - offset;
    const [guess, adjusted] = this.#guess(local);
    return local - (guess !== adjusted && guess < 0 && this.#isSkipped(local, adjusted) ? guess : adjusted);
  }

  /** Whether no instant has this local time. */
  skips(local: number): boolean {
    const ms = this.fromLocal(local);
    return this.toLocal(ms) !== local;
  }

  #guess(local: number): [guess: number, adjusted: number] {
    const guess = this.offsetAt(local);
    return [guess, this.offsetAt(local - guess)];
  }

  #isSkipped(local: number, adjusted: number): boolean {
    return this.offsetAt(local - adjusted) !== adjusted;
  }

  #stretchAt(index: number): Stretch {
    const known = this.#stretches.get(index);
    if (known !== undefined) return known;
    let [low, high] = [index * STRETCH_MS, (index + 1) * STRETCH_MS];
    const [before, after] = [this.#ask(low), this.#ask(high)];
    let change = Infinity;
    if (before !== after) {
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (this.#ask(middle) === before) low = middle;
        else high = middle;
      }
      change = high;
    }
    const stretch = { before, change, after };
    if (this.#stretches.size >= MAX_STRETCHES) this.#stretches.clear();
    this.#stretches.set(index, stretch);
    return stretch;
  }

  #ask(ms: number): number {
    const text = this.#format?.format(Math.min(Math.max(ms, -MAX_INSTANT), MAX_INSTANT)) ?? '';
    return offsetOf(text.slice(text.lastIndexOf('GMT') + 3)) ?? 0;
  }
}

interface Stretch {
  readonly before: number;
  /** The first instant with the offset `after`; `Infinity` if the offset does not change. */
  readonly change: number;
  readonly after: number;
}

const STRETCH_MS = 4 * DAY_MS;
const MAX_STRETCHES = 10_000;

/** UTC. */
export const UTC: Zone = new Zone(0);

const zones = new Map<string, Zone>([['UTC', UTC]]);

/**
 * The time zone of a name (`America/Los_Angeles`) or offset (`+05:30`), or `undefined` if there is none. Abbreviations that only Java
 * knows, such as `PST`, are none.
 */
export function zoneOf(name: string): Zone | undefined {
  const cached = zones.get(name);
  if (cached !== undefined) return cached;
  const offset = offsetOf(name);
  if (offset === 0) return UTC;
  if (offset === undefined && !isJodaZoneName(name)) return undefined;
  const zone = new Zone(offset ?? name);
  const known = offset === undefined && FIXED.test(name) ? new Zone(zone.offsetAt(0)) : zone;
  zones.set(name, known);
  return known;
}

/** Names of zones that never change their offset. Joda counts days in them as it does in UTC. */
const FIXED = /^(?:Etc\/.+|[EMH]ST|GMT.*|UCT|Universal|Zulu|Greenwich)$/;

const OFFSET = /^([+-])([01]\d|2[0-3])(?::?([0-5]\d)(?::?([0-5]\d))?)?$/;

function offsetOf(text: string): number | undefined {
  const [, sign, hours = 0, minutes = 0, seconds = 0] = OFFSET.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? 0 - ms : ms;
}

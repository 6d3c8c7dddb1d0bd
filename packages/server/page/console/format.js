const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** `1,234,567` @param {number} value */
export const count = (value) => whole.format(value);

/** Events a second: with a tenth where that matters. @param {number} value */
export const rate = (value) => (value > 0 && value < 10 ? tenths : whole).format(value);

/** A number for an axis: `1.5k`. @param {number} value */
export function short(value) {
  if (value >= 1e6) return `${+(value / 1e6).toFixed(1)}M`;
  if (value >= 1e3) return `${+(value / 1e3).toFixed(1)}k`;
  return String(+value.toFixed(2));
}

/** Milliseconds, for people: `0.8 ms`, `12 ms`, `1.4 s`; a dash where there is none. @param {number | null} value */
export function millis(value) {
  if (value === null) return '–';
  if (value >= 1000) return `${tenths.format(value / 1000)} s`;
  return `${(value < 10 ? tenths : whole).format(value)} ms`;
}

/** @param {number} value */
export function bytes(value) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const at = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  return `${(at === 0 ? whole : tenths).format(value / 1024 ** at)} ${units[at] ?? ''}`;
}

/** How long something has lasted: `42 s`, `3 min`, `2 h 5 min`, `4 d`. @param {number} milliseconds */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d`;
}

/** The time of day in UTC, as Druid tells times: `10:20:00`. @param {number} at */
export const clock = (at) => new Date(at).toISOString().slice(11, 19);

/** A time on an axis, as short as the step allows. @param {number} at @param {number} step in milliseconds. */
export function axisTime(at, step) {
  const iso = new Date(at).toISOString();
  if (step >= 86_400_000) return iso.slice(5, 10);
  return step >= 60_000 ? iso.slice(11, 16) : iso.slice(11, 19);
}

/** `many(1, 'task')`: `1 task`. @param {number} value @param {string} noun */
export const many = (value, noun) => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

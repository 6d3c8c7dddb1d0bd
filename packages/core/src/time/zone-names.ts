const SHORT_NAMES = new Set(
  (
    'ACT AET AGT ART AST BET BST CAT CNT CST CTT EAT ECT EST HST IET IST JST MIT MST NET NST PLT PNT PRT PST SST VST ' +
    'CET CST6CDT Cuba EET EST5EDT Egypt Eire GB GMT GMT0 Greenwich Hongkong Iceland Iran Israel Jamaica Japan Kwajalein Libya MET ' +
    'MST7MDT NZ Navajo PRC PST8PDT Poland Portugal ROK Singapore Turkey UCT UTC Universal WET Zulu GB-Eire NZ-CHAT W-SU'
  ).split(' '),
);
const AREA_NAME =
  /^(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Chile|Etc|Europe|Indian|Mexico|Pacific|US)(?:\/[A-Z][A-Za-z0-9_+-]*)+$/;

const known = new Map<string, boolean>();
const MAX_KNOWN = 2000;

/**
 * Whether a text is the name of a time zone as Java's `TimeZone.getAvailableIDs` lists them: `PST`, `UTC`, `America/New_York`. Case
 * matters; offsets such as `+08:00` are no names. For names with a slash this platform's own time zone data is asked.
 */
export function isZoneName(name: string): boolean {
  if (SHORT_NAMES.has(name)) return true;
  if (!AREA_NAME.test(name)) return false;
  let exists = known.get(name);
  if (exists === undefined) {
    exists = platformKnows(name);
    if (known.size < MAX_KNOWN) known.set(name, exists);
  }
  return exists;
}

function platformKnows(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

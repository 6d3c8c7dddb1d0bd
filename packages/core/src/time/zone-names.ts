const BOTH =
  'CET CST6CDT Cuba EET Egypt Eire EST EST5EDT GB GB-Eire GMT GMT0 Greenwich Hongkong HST Iceland Iran Israel Jamaica Japan Kwajalein ' +
  'Libya MET MST MST7MDT Navajo NZ NZ-CHAT Poland Portugal PRC PST8PDT ROK Singapore Turkey UCT Universal UTC WET W-SU Zulu';
const JAVA_NAMES = new Set(
  `${BOTH} ACT AET AGT ART AST BET BST CAT CNT CST CTT EAT ECT IET IST JST MIT NET NST PLT PNT PRT PST SST VST`.split(
    ' ',
  ),
);
const JODA_NAMES = new Set(`${BOTH} GMT+0 GMT-0 ROC`.split(' '));
const AREA_NAME =
  /^(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Chile|Etc|Europe|Indian|Mexico|Pacific|US)(?:\/[A-Z][A-Za-z0-9_+-]*)+$/;

const known = new Map<string, boolean>();
const MAX_KNOWN = 2000;

/**
 * Whether a text is the name of a time zone as Java's `TimeZone.getAvailableIDs` lists them: `PST`, `UTC`, `America/New_York`. Case
 * matters; offsets such as `+08:00` are no names. For names with a slash this platform's own time zone data is asked.
 */
export function isZoneName(name: string): boolean {
  return JAVA_NAMES.has(name) || isAreaName(name);
}

/** As {@link isZoneName}, but for the names that Joda lists. Among those without a slash they differ. */
export function isJodaZoneName(name: string): boolean {
  return JODA_NAMES.has(name) || isAreaName(name);
}

function isAreaName(name: string): boolean {
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

import type { Logger } from '../observe/logger.js';
import type { Cut } from './mend-segment.js';

/** Says what was cut out of a log, and what that costs. */
export function tellCut(logger: Logger, cut: Cut): void {
  const { path, position, bytes, offset, rows, isGone } = cut;
  const loss =
    rows === undefined
      ? `how many rows from offset ${offset} on that were is not known`
      : `they were ${rows} rows from offset ${offset} on`;
  const what =
    isGone === true
      ? `the file is gone, and its ${bytes} bytes with it. Look who removed it`
      : `${bytes} bytes at ${position} are not what was written, and were cut out`;
  logger.error(`${path}: ${what}; ${loss}.`, { ...cut });
}

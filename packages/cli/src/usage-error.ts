/** The command line is wrong; the message says how, and what to do. */
export class UsageError extends Error {}

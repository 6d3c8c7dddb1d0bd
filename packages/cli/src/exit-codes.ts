/** What the process ends with. Each is documented in the help and in docs/cli.md. */
export const exitCodes = {
  /** Every event was sent, or dropped for a counted reason while others were sent; all is as it should be. */
  ok: 0,
  /** At least one event could not be delivered, was lost with its task, or is in the journal unread; or Druid was not found, or not as it must be. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** Events were dropped, and nothing was sent or `--fail-on-drop` was given. */
  dropped: 3,
  /** The config is wrong (sysexits' EX_CONFIG). */
  config: 78,
  /** Whoever read its results did not want all of them, as with `| head` (a shell's number for SIGPIPE). */
  unread: 141,
  /** Ended by Ctrl-C or a termination signal; what had been read was drained. */
  interrupted: 130,
} as const;

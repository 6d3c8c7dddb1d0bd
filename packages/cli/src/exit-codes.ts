/** What the process ends with. Each is documented in the help and in docs/cli.md. */
export const exitCodes = {
  /** Every event was sent, or dropped for a counted reason while others were sent; all is as it should be. */
  ok: 0,
  /** At least one event could not be delivered or was lost with its task, or Druid was not found, or not as it must be. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** Events were dropped, and nothing was sent or `--fail-on-drop` was given. */
  dropped: 3,
  /** The config is wrong (sysexits' EX_CONFIG). */
  config: 78,
  /** Ended by Ctrl-C or a termination signal; what had been read was drained. */
  interrupted: 130,
} as const;

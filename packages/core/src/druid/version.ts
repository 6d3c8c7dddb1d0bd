/** The first Druid from which the task type `index_realtime` is gone (apache/druid#16602). */
export const oldestWithoutRealtimeTasks = 31;

/** The first Druid with which our append tasks are proved. */
export const oldestWithAppends = 25;

/** Whether a Druid of this version runs `index_realtime` tasks. A version that is no number is taken to. */
export function supportsRealtimeTasks(version: string): boolean {
  return (majorOf(version) ?? 0) < oldestWithoutRealtimeTasks;
}

/** The first number of a version; `undefined` for one that is no number, as of a development build. */
export function majorOf(version: string | undefined): number | undefined {
  const major = Number.parseInt(version ?? '', 10);
  return Number.isNaN(major) ? undefined : major;
}

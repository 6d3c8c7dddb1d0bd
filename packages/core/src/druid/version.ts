/** The first Druid from which the task type `index_realtime` is gone (apache/druid#16602). */
export const oldestWithoutRealtimeTasks = 31;

/** Whether a Druid of this version runs `index_realtime` tasks. A version that is no number is taken to. */
export function supportsRealtimeTasks(version: string): boolean {
  const major = Number.parseInt(version, 10);
  return Number.isNaN(major) || major < oldestWithoutRealtimeTasks;
}

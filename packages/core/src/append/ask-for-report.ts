import { describe } from '../druid/describe.js';
import type { OverlordClient, Patience } from '../druid/overlord-client.js';
import { retry } from '../transport/retry.js';
import { readTaskReport, type TaskReport } from './task-report.js';

/** How long a report that is not there may be on its way, in milliseconds. A Druid that keeps none has none later either. */
const onItsWay = 2_000;

/**
 * Asks the overlord for the report of a task that has ended, again while it does not answer.
 * @throws Error that says why there is none.
 */
export async function askForReport(overlord: OverlordClient, id: string, patience: Patience): Promise<TaskReport> {
  const path = `/druid/indexer/v1/task/${encodeURIComponent(id)}/reports`;
  const attempt = async (): Promise<TaskReport> => {
    const response = await overlord.ask('GET', path, patience);
    const report = response.status === 200 ? readTaskReport(response.text) : undefined;
    if (report === undefined) throw new Error(`The overlord has no report of it: ${describe(response)}`);
    return report;
  };
  return retry(attempt, { ...patience, deadline: Math.min(patience.deadline, patience.clock.now() + onItsWay) });
}

import { Readable } from 'node:stream';
import { run } from '../../src/run.js';
import { Screen } from './screen.js';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line that reads nothing. */
export async function runCommand(...args: string[]): Promise<Ran> {
  const [out, err] = [new Screen(), new Screen()];
  const environment = { terminal: { out, err }, stdin: Readable.from([]), onInterrupt: () => () => undefined };
  const code = await run(args, environment);
  return { code, out: out.text, err: err.text };
}

/** A config file of two dataSources, in YAML. */
export function twoDataSources(url: string): string {
  return `dataSources:
  - spec:
      dataSchema:
        dataSource: flights
        timestampSpec: {column: time, format: iso}
        dimensionsSpec: {dimensions: [origin, {type: string, name: destination}]}
        metricsSpec: [{type: count, name: count}, {type: longSum, name: delay, fieldName: delay}]
        granularitySpec: {segmentGranularity: hour, queryGranularity: minute}
      tuningConfig: {type: realtime, windowPeriod: PT20M}
    properties: {task.partitions: 2, task.replicants: 2}
  - spec:
      dataSchema: {dataSource: trains, timestampSpec: {}, dimensionsSpec: {}}
properties:
  druid.overlord.urls: ${url}
`;
}

export { readKinesisPlan } from '../config/read-plan.js';
export { runKinesis } from './run.js';
export type { RunKinesisOptions } from './run.js';

export { runKafka } from './run.js';
export type { RunKafkaOptions } from './run.js';
export { readKafkaPlan } from '../config/read-plan.js';
export { superviseTopics } from '../supervise.js';
export type { Supervised } from '../supervise.js';

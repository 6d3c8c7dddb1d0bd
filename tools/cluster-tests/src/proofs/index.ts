import type { Proof } from '../proof.js';
import { appendFaults } from './append-faults.js';
import { append } from './append.js';
import { badInput } from './bad-input.js';
import { kafka } from './kafka.js';
import { kcl } from './kcl.js';
import { kinesis } from './kinesis.js';
import { lifeCycle } from './life-cycle.js';
import { newSchema } from './new-schema.js';
import { peer } from './peer.js';
import { pullFaults } from './pull-faults.js';
import { pullRetention } from './pull-retention.js';
import { pull } from './pull.js';
import { replay } from './replay.js';
import { server } from './server.js';
import { taskDeath } from './task-death.js';
import { zookeeperOutage } from './zookeeper-outage.js';

/** All proofs, in the order in which they are listed. */
export const proofs: readonly Proof[] = [
  replay,
  lifeCycle,
  peer,
  zookeeperOutage,
  newSchema,
  badInput,
  taskDeath,
  server,
  pull,
  pullFaults,
  pullRetention,
  append,
  appendFaults,
  kafka,
  kinesis,
  kcl,
];

import type { Proof } from '../proof.js';
import { badInput } from './bad-input.js';
import { lifeCycle } from './life-cycle.js';
import { newSchema } from './new-schema.js';
import { peer } from './peer.js';
import { replay } from './replay.js';
import { taskDeath } from './task-death.js';
import { zookeeperOutage } from './zookeeper-outage.js';

/** All proofs, in the order in which they are listed. */
export const proofs: readonly Proof[] = [replay, lifeCycle, peer, zookeeperOutage, newSchema, badInput, taskDeath];

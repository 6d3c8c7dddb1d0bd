import { taskDeath } from '../src/proofs/task-death.js';
import { suiteOf } from '../src/suite-of.js';

suiteOf(taskDeath);

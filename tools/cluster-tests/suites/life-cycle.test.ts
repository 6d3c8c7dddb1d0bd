import { lifeCycle } from '../src/proofs/life-cycle.js';
import { suiteOf } from '../src/suite-of.js';

suiteOf(lifeCycle);

import { kcl } from '../src/proofs/kcl.js';
import { suiteOf } from '../src/suite-of.js';

suiteOf(kcl);

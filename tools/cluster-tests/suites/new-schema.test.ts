import { newSchema } from '../src/proofs/new-schema.js';
import { suiteOf } from '../src/suite-of.js';

suiteOf(newSchema);

import { kafka } from '../src/proofs/kafka.js';
import { suiteOf } from '../src/suite-of.js';

suiteOf(kafka);

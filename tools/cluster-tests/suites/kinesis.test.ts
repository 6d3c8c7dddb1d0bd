import { kinesis } from '../src/proofs/kinesis.js';
import { suiteOf } from '../src/suite-of.js';

suiteOf(kinesis);

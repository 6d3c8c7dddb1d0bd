import { replay } from '../src/proofs/replay.js';
import { suiteOf } from '../src/suite-of.js';

suiteOf(replay);

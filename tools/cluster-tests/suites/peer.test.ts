import { peer } from '../src/proofs/peer.js';
import { suiteOf } from '../src/suite-of.js';

suiteOf(peer);

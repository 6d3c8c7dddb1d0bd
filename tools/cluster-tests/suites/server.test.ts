import { server } from '../src/proofs/server.js';
import { suiteOf } from '../src/suite-of.js';

suiteOf(server);

import { vi } from 'vitest';
import { pull } from '../src/proofs/pull.js';
import { suiteOf } from '../src/suite-of.js';

vi.setConfig({ testTimeout: 600_000 });

suiteOf(pull);

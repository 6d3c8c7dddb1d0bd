import { vi } from 'vitest';
import { pullFaults } from '../src/proofs/pull-faults.js';
import { suiteOf } from '../src/suite-of.js';

vi.setConfig({ testTimeout: 600_000 });

suiteOf(pullFaults);

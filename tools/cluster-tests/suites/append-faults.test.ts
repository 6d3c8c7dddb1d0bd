import { vi } from 'vitest';
import { appendFaults } from '../src/proofs/append-faults.js';
import { suiteOf } from '../src/suite-of.js';

vi.setConfig({ testTimeout: 600_000 });

suiteOf(appendFaults);

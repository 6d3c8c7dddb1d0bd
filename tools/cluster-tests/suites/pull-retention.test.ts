import { vi } from 'vitest';
import { pullRetention } from '../src/proofs/pull-retention.js';
import { suiteOf } from '../src/suite-of.js';

vi.setConfig({ testTimeout: 600_000 });

suiteOf(pullRetention);

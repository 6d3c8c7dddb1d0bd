import { vi } from 'vitest';
import { append } from '../src/proofs/append.js';
import { suiteOf } from '../src/suite-of.js';

vi.setConfig({ testTimeout: 600_000 });

suiteOf(append);

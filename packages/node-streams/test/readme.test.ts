import { readmeSuite } from '@tranquility-js/conformance';
import { startSandbox } from '@tranquility-js/sandbox';

readmeSuite(import.meta.dirname, startSandbox);

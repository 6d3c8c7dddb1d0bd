import { adapterSuite, inSandbox } from '@tranquility-js/conformance';
import { startSandbox } from '@tranquility-js/sandbox';
import { openSubject, openToDruid } from './support/adapters.js';

adapterSuite('toDruid', inSandbox(startSandbox), openToDruid);
adapterSuite('a DruidSubject', inSandbox(startSandbox), openSubject);

import {
  adapterSuite,
  appendAdapterSuite,
  inPullingSandbox,
  inSandbox,
  pullAdapterSuite,
} from '@tranquility-js/conformance';
import { startSandbox } from '@tranquility-js/sandbox';
import { openSubject, openToDruid } from './support/adapters.js';

adapterSuite('toDruid', inSandbox(startSandbox), openToDruid);
adapterSuite('a DruidSubject', inSandbox(startSandbox), openSubject);

pullAdapterSuite('toDruid', inPullingSandbox(startSandbox), openToDruid);
pullAdapterSuite('a DruidSubject', inPullingSandbox(startSandbox), openSubject);
appendAdapterSuite('toDruid', inPullingSandbox(startSandbox), openToDruid);

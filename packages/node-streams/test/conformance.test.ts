import {
  adapterSuite,
  appendAdapterSuite,
  inPullingSandbox,
  inSandbox,
  pullAdapterSuite,
} from '@tranquility-js/conformance';
import { startSandbox } from '@tranquility-js/sandbox';
import { openSendFrom, openTransform, openWritable } from './support/adapters.js';

adapterSuite('a DruidWritable', inSandbox(startSandbox), openWritable);
adapterSuite('a DruidTransform', inSandbox(startSandbox), openTransform);
adapterSuite('sendFrom', inSandbox(startSandbox), openSendFrom);

pullAdapterSuite('a DruidWritable', inPullingSandbox(startSandbox), openWritable);
pullAdapterSuite('a DruidTransform', inPullingSandbox(startSandbox), openTransform);
pullAdapterSuite('sendFrom', inPullingSandbox(startSandbox), openSendFrom);
appendAdapterSuite('a DruidWritable', inPullingSandbox(startSandbox), openWritable);

import { adapterSuite, inSandbox } from '@tranquility-js/conformance';
import { startSandbox } from '@tranquility-js/sandbox';
import { openSendFrom, openTransform, openWritable } from './support/adapters.js';

adapterSuite('a DruidWritable', inSandbox(startSandbox), openWritable);
adapterSuite('a DruidTransform', inSandbox(startSandbox), openTransform);
adapterSuite('sendFrom', inSandbox(startSandbox), openSendFrom);

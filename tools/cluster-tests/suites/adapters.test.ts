import { adapterSuite, openSender } from '@tranquility-js/conformance';
import { vi } from 'vitest';
import { openSendFrom, openTransform, openWritable } from '../../../packages/node-streams/test/support/adapters.js';
import { openSubject, openToDruid } from '../../../packages/rxjs-operator/test/support/adapters.js';
import { adapterDruid } from '../src/adapter-druid.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

adapterSuite('the sender', adapterDruid, openSender);
adapterSuite('a DruidWritable', adapterDruid, openWritable);
adapterSuite('a DruidTransform', adapterDruid, openTransform);
adapterSuite('sendFrom', adapterDruid, openSendFrom);
adapterSuite('toDruid', adapterDruid, openToDruid);
adapterSuite('a DruidSubject', adapterDruid, openSubject);

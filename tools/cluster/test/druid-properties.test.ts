import { expect, test } from 'vitest';
import { druidProperties, renderProperties } from '../src/druid-properties.js';
import type { DruidServiceName, DruidSettings } from '../src/druid-properties.js';

const settings: DruidSettings = {
  directory: '/run',
  worker: 'middleManager',
  workerCapacity: 2,
  ports: {
    zookeeper: 1,
    derby: 2,
    coordinator: 3,
    broker: 4,
    historical: 5,
    router: 6,
    worker: 7,
    peons: [8, 9],
  },
  extensions: { directory: '/run/extensions', load: ['druid-kafka-indexing-service'] },
  peonFlags: ['-Xmx512m'],
};

test.each<[DruidServiceName, string]>([
  ['coordinator', '3'],
  ['broker', '4'],
  ['historical', '5'],
  ['router', '6'],
  ['middleManager', '7'],
  ['indexer', '7'],
])('gives the %s its own port on 127.0.0.1', (name, port) => {
  expect(druidProperties(settings, name)).toMatchObject({
    'druid.host': '127.0.0.1',
    'druid.service': `druid/${name}`,
    'druid.plaintextPort': port,
    'druid.zk.service.host': '127.0.0.1:1',
    'druid.extensions.loadList': '["druid-kafka-indexing-service"]',
    'druid.metadata.storage.connector.connectURI': 'jdbc:derby://127.0.0.1:2//run/coordinator/metadata;create=true',
  });
});

test('gives each peon of a middle manager a port', () => {
  expect(druidProperties(settings, 'middleManager')).toMatchObject({
    'druid.worker.capacity': '2',
    'druid.indexer.runner.ports': '[8,9]',
    'druid.indexer.runner.javaOptsArray': '["-Xmx512m"]',
  });
  expect(druidProperties(settings, 'indexer')).not.toHaveProperty(['druid.indexer.runner.ports']);
});

test('renders one property a line', () => {
  expect(renderProperties({ a: '1', 'b.c': 'x\\y' })).toBe('a=1\nb.c=x\\\\y\n');
});

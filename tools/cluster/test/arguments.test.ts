import { expect, test } from 'vitest';
import { readArguments } from '../src/arguments.js';

test('asks for the default cluster without arguments', () => {
  expect(readArguments([])).toEqual({
    help: false,
    options: { secondWorker: false, peer: false, keep: false, archive: true, kafkaExtension: false },
  });
});

test('reads every option', () => {
  const args = [
    '--druid',
    '33.0.0',
    '--worker',
    'indexer',
    '--worker-capacity',
    '3',
    '--kafka',
    '3.9.1',
    '--peer',
    '--kafka-extension',
  ];
  expect(
    readArguments([...args, '--directory', 'there', '--keep', '--second-worker', '--no-archive', '--parent', '42']),
  ).toEqual({
    help: false,
    options: {
      druid: '33.0.0',
      worker: 'indexer',
      workerCapacity: 3,
      kafka: '3.9.1',
      directory: 'there',
      kafkaExtension: true,
      peer: true,
      keep: true,
      secondWorker: true,
      archive: false,
    },
    parent: 42,
  });
});

test.each([[['--kafka']], [['--kafka', '--peer']]])('takes the default version of Kafka for %j', (args) => {
  expect(readArguments(args).options.kafka).toBe('4.4.0');
});

test('has no Druid with none', () => {
  expect(readArguments(['--druid', 'none']).options.druid).toBe(false);
});

test('refuses unknown options with the known ones', () => {
  expect(() => readArguments(['--drood', '28.0.0'])).toThrow(/--drood[^]*Known options: --druid, --worker, .*--help/);
});

test.each([
  [['--worker', 'peon'], /--worker must be middleManager or indexer, not 'peon'/],
  [['--worker-capacity', 'many'], /--worker-capacity must be a whole number from 1, not 'many'/],
  [['--parent', '0'], /--parent must be a whole number from 1, not '0'/],
  [['stray'], /stray/],
])('refuses %j', (args, message) => {
  expect(() => readArguments(args)).toThrow(message);
});

import { describe, expect, it } from 'vitest';
import { readKafkaOptions } from '../src/kafka/options.js';
import { runCommand } from './support/command.js';

describe('tranquility kafka', () => {
  it('reads its options, in the spelling of Tranquility too', () => {
    const args = [
      '-configFile',
      'kafka.json',
      '--set',
      'a=b',
      '--http',
      '9090',
      '--timeout',
      '5',
      '--log-level',
      'warn',
    ];
    expect(readKafkaOptions(args)).toEqual({
      config: 'kafka.json',
      properties: { a: 'b' },
      http: { host: '127.0.0.1', port: 9090 },
      drainTimeout: 5000,
      logLevel: 'warn',
      supervise: false,
      json: false,
    });
    expect(readKafkaOptions(['--config', 'x', '--http', '[::]:80'])).toMatchObject({
      http: { host: '::', port: 80 },
    });
  });

  it.each([
    [['--http', 'x'], '--http x: expected a port'],
    [['--http', '99999'], '--http 99999: expected a port'],
    [['--log-level', 'loud'], '--log-level loud: expected one of'],
    [['--dataSource', 'a'], "Unknown option '--dataSource'"],
  ])('%j is refused', async (args, message) => {
    const { code, err } = await runCommand('kafka', '-configFile', 'kafka.json', ...args);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });

  it('a config that is not there ends it with 78', async () => {
    const { code, err } = await runCommand('kafka', '-configFile', 'nowhere.json');
    expect([code, err]).toEqual([78, expect.stringContaining('Cannot read the config file nowhere.json')]);
  });
});

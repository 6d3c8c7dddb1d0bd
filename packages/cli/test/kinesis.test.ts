import { describe, expect, it } from 'vitest';
import { readKinesisOptions } from '../src/kinesis/options.js';
import { runCommand } from './support/command.js';

describe('tranquility kinesis', () => {
  it('reads its options, in the spelling of Tranquility too', () => {
    const args = [
      '-configFile',
      'kinesis.json',
      '--set',
      'a=b',
      '--http',
      '9090',
      '--timeout',
      '5',
      '--log-level',
      'warn',
    ];
    expect(readKinesisOptions(args)).toEqual({
      config: 'kinesis.json',
      properties: { a: 'b' },
      http: { host: '127.0.0.1', port: 9090 },
      drainTimeout: 5000,
      logLevel: 'warn',
    });
  });

  it('tells of its options', async () => {
    const { code, out } = await runCommand('kinesis', '--help');
    expect([code, out]).toEqual([0, expect.stringContaining('Usage: tranquility kinesis -configFile FILE')]);
  });

  it.each([
    [['--http', 'x'], '--http x: expected a port'],
    [['--supervise'], "Unknown option '--supervise'"],
  ])('%j is refused', async (args, message) => {
    const { code, err } = await runCommand('kinesis', '-configFile', 'kinesis.json', ...args);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });

  it('a config that is not there ends it with 78', async () => {
    const { code, err } = await runCommand('kinesis', '-configFile', 'nowhere.json');
    expect([code, err]).toEqual([78, expect.stringContaining('Cannot read the config file nowhere.json')]);
  });
});

import { describe, expect, it } from 'vitest';
import { readPushOptions } from '../src/push/options.js';
import { UsageError } from '../src/usage-error.js';

const least = {
  config: 'c.json',
  properties: {},
  format: 'auto',
  failOnDrop: false,
  json: false,
  verbose: false,
  files: ['-'],
};

describe('the arguments of push', () => {
  it.each([
    [['-configFile', 'c.json'], {}],
    [['-configFile=c.json'], {}],
    [['--config', 'c.json', '-'], {}],
    [['-configFile', 'c.json', '-dataSource', 'd', 'a', 'b'], { dataSource: 'd', files: ['a', 'b'] }],
    [['--config', 'c.json', '--set', 'a=b=c', '--set', 'd='], { properties: { a: 'b=c', d: '' } }],
    [['--config', 'c.json', '--format', 'json', '--json'], { format: 'json', json: true }],
    [['--config', 'c.json', '--fail-on-drop', '--verbose'], { failOnDrop: true, verbose: true }],
    [['--config', 'c.json', '--', '-file'], { files: ['-file'] }],
  ])('%j', (args, expected) => {
    expect(readPushOptions(args)).toEqual({ ...least, ...expected });
  });

  it.each(['-help', '--help', '-h'])('%s asks for help', (arg) => {
    expect(readPushOptions([arg])).toBe('help');
  });

  it.each([
    [[], /-configFile FILE/],
    [['--config'], /argument missing/],
    [['--config', 'c', '--speed', '9'], /Unknown option '--speed'\. .*--help/],
    [['--config', 'c', '--set', 'novalue'], /expected NAME=VALUE/],
    [['--config', 'c', '--format', 'csv'], /expected auto, ndjson or json/],
  ])('%j is refused', (args, message) => {
    expect(() => readPushOptions(args)).toThrow(UsageError);
    expect(() => readPushOptions(args)).toThrow(message);
  });
});

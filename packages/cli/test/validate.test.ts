import { resolve } from 'node:path';
import { ScriptedDruid } from '@tranquility-js/scripted-druid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand, twoDataSources, type Ran } from './support/command.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

describe('tranquility validate', () => {
  let druid: ScriptedDruid;
  let temporary: TemporaryDirectory;
  let config: string;

  beforeEach(async () => {
    druid = await ScriptedDruid.start();
    druid.workers = ['w1:8091', 'w2:8091'].map((host) => ({ host, capacity: 5, tasks: [] }));
    temporary = await TemporaryDirectory.make();
    config = await temporary.file('c.yaml', twoDataSources(druid.url));
  });
  afterEach(async () => {
    await druid[Symbol.asyncDispose]();
    await temporary[Symbol.asyncDispose]();
  });

  const validate = (...args: string[]): Promise<Ran> => runCommand('validate', '-configFile', config, ...args);

  it('tells what the config says of each dataSource, and asks nobody', async () => {
    expect(await validate()).toEqual({
      code: 0,
      err: '',
      out: `${config} is valid.

flights
  segments      HOUR, times cut to MINUTE, rolled up
  window        PT20M before and after now
  tasks         2 partitions x 2 replicants for each segment
  time          column time, format iso
  dimensions    2: origin, destination
  metrics       2: count (count), delay (longSum)
  events        JSON objects, sent as JSON
  coordination  by the overlord alone: ${druid.url}
  lane          auto: index_realtime tasks of Druid 30 or older; of a later one: Druid reads from the journal in ${resolve('tranquility-journal')}; where it cannot: batches from the journal in ${resolve('tranquility-journal')}

trains
  segments      DAY, times cut to NONE, rolled up
  window        PT10M before and after now
  tasks         1 partition x 1 replicant for each segment
  time          column timestamp, format auto
  dimensions    every field that has no other use
  metrics       none
  events        JSON objects, sent as JSON
  coordination  by the overlord alone: ${druid.url}
  lane          auto: index_realtime tasks of Druid 30 or older; of a later one: Druid reads from the journal in ${resolve('tranquility-journal')}; where it cannot: batches from the journal in ${resolve('tranquility-journal')}
`,
    });
    expect(druid.requests).toEqual([]);
  });

  it('tells of one dataSource, with properties of the command line', async () => {
    const { out, code } = await validate(
      '-dataSource',
      'trains',
      '--set',
      'zookeeper.connect=zk:2181',
      '--set',
      'serialization.format=smile',
    );
    expect(code).toBe(0);
    expect(out).not.toContain('flights');
    expect(out).toContain(`through ZooKeeper at zk:2181, with JVM Tranquilities; overlord ${druid.url}`);
    expect(out).toContain('sent as Smile');
  });

  it('tells every mistake with its place, and ends with 78', async () => {
    const text = twoDataSources(druid.url).replace('hour', 'hours').replace('task.partitions: 2', 'task.partitions: 0');
    config = await temporary.file('c.yaml', text);
    const { code, out, err } = await validate();
    expect({ code, out }).toEqual({ code: 78, out: '' });
    expect(err).toMatch(/c\.yaml:8:\d+: .*segmentGranularity is "hours".*Did you mean "HOUR"/);
    expect(err).toMatch(/c\.yaml:10:\d+: .*\["task\.partitions"\] is 0, not a whole number of at least 1/);
  });

  it('tells warnings, and is content', async () => {
    const { code, err } = await validate('--set', 'task.partition=2');
    expect(code).toBe(0);
    expect(err).toBe(
      'warning: command line: ["task.partition"] is no property that is known. Did you mean "task.partitions"?\n',
    );
  });

  it('tells what the connector would refuse whose properties it has', async () => {
    const { code, err } = await validate('--set', 'kafka.bootstrap.server=kafka:9092', '--set', 'topicPattern=clicks');
    expect(code).toBe(0);
    expect(err).toContain('warning: "tranquility kafka" refuses it: ');
    expect(err).toContain('Did you mean "kafka.bootstrap.servers"?');
    const streams = await validate('--set', 'streamPattern=clicks', '--set', 'kinesis.regoin=eu-west-1');
    expect(streams.err).toContain('warning: "tranquility kinesis" refuses it: ');
    expect(streams.err).not.toContain('tranquility kafka');
    const fine = await validate('--set', 'kafka.bootstrap.servers=kafka:9092', '--set', 'topicPattern=clicks');
    expect(fine).toMatchObject({ code: 0, err: '' });
  });

  it('--json: what the config says', async () => {
    const { out, code } = await validate('--json', '-dataSource', 'flights', '--set', 'banana=1');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      config,
      valid: true,
      warnings: ['command line: banana is no property that is known.'],
      dataSources: [
        {
          dataSource: 'flights',
          segmentGranularity: 'HOUR',
          queryGranularity: 'MINUTE',
          rollup: true,
          windowPeriod: 'PT20M',
          partitions: 2,
          replicants: 2,
          dimensions: ['origin', 'destination'],
          metrics: [
            { name: 'count', type: 'count' },
            { name: 'delay', type: 'longSum' },
          ],
          timestamp: { column: 'time', format: 'iso' },
          serialization: 'json',
          coordination: 'overlord',
          lane: 'auto',
        },
      ],
    });
  });

  it('--json: what is wrong', async () => {
    const { out, err, code } = await validate('--json', '--set', 'task.replicants=many');
    expect({ code, err }).toEqual({ code: 78, err: '' });
    expect(JSON.parse(out)).toEqual({
      config,
      valid: false,
      code: 'TRQ_CONFIG_INVALID',
      problems: expect.arrayContaining([
        'command line: ["task.replicants"] is "many", not a whole number of at least 1.',
      ]) as unknown,
    });
    config = '/no/such/file';
    expect(JSON.parse((await validate('--json')).out)).toMatchObject({
      valid: false,
      code: 'TRQ_CONFIG_UNREADABLE',
      problems: [expect.stringContaining('/no/such/file')],
    });
  });

  it('--probe: looks at the servers, a line each', async () => {
    const { code, out } = await validate('--probe', '--timeout', '30');
    expect(code).toBe(0);
    expect(out.slice(out.indexOf('\nok') + 1)).toBe(`ok       overlord    ${druid.url} answers, and leads.
ok       leader      ${druid.url} leads.
ok       auth        The overlord answers without credentials.
ok       version     Druid 28.0.0 takes realtime tasks.
ok       capacity    Up to 10 slots are needed while tasks end and the next ones begin; 2 workers have 10 slots.
`);
  });

  it('--probe: ends with 0 for a warning, and with 1 for a failure', async () => {
    druid.workers = [];
    const warned = await validate('--probe', '--timeout', '30');
    expect(warned.code).toBe(0);
    expect(warned.out).toMatch(/^warning {2}capacity {4}The overlord knows no worker.*Start middle managers/m);
    druid.version = '33.0.0';
    druid.readsKafka = false;
    const failed = await validate('--probe', '--json', '--timeout', '30', '--set', 'tranquility.lane=pull');
    expect(failed.code).toBe(1);
    expect(JSON.parse(failed.out)).toMatchObject({
      valid: true,
      probe: expect.arrayContaining([
        {
          check: 'version',
          status: 'failure',
          message: 'Druid 33.0.0 cannot read from us: its Kafka extension is not loaded.',
          remedy: expect.stringContaining('Add "druid-kafka-indexing-service" to druid.extensions.loadList') as string,
        },
      ]) as unknown,
    });
  });

  it.each([
    [['--timeout', '0'], /--timeout 0: expected seconds/],
    [['--timeout', 'soon'], /--timeout soon: expected seconds/],
    [['file'], /Unexpected argument 'file'.*tranquility validate --help/],
    [['--probe=yes'], /--probe.*tranquility validate --help/],
  ])('refuses %j', async (args, message) => {
    const { code, err } = await validate(...args);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  it('asks for the config file', async () => {
    expect(await runCommand('validate')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Name the config file') as string,
    });
  });
});

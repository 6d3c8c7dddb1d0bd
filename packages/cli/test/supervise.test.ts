import { ScriptedDruid } from '@tranquility-js/scripted-druid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand, twoDataSources, type Ran } from './support/command.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

/** A supervisor as it comes back from Druid, of a process that listens where the config says. */
const supervisor = (more: object = {}, servers = '127.0.0.1:9392'): Record<string, unknown> => ({
  type: 'kafka',
  spec: {
    dataSchema: { dataSource: 'flights' },
    ioConfig: { topic: 'flights', consumerProperties: { 'bootstrap.servers': servers } },
  },
  context: { 'tranquility.spec': 'print' },
  ...more,
});
const parked = { suspended: true, context: { 'tranquility.spec': 'print', 'tranquility.parked': true } };

describe('suspend, resume and terminate', () => {
  let druid: ScriptedDruid;
  let temporary: TemporaryDirectory;
  let config: string;

  beforeEach(async () => {
    druid = await ScriptedDruid.start();
    druid.version = '33.0.0';
    temporary = await TemporaryDirectory.make();
    config = await temporary.file(
      'c.yaml',
      `${twoDataSources(druid.url)}  journal.directory: ${temporary.path}/journal\n`,
    );
  });
  afterEach(async () => {
    await druid[Symbol.asyncDispose]();
    await temporary[Symbol.asyncDispose]();
  });

  const tell = (command: string, ...args: string[]): Promise<Ran> =>
    runCommand(command, '-configFile', config, '-dataSource', 'flights', ...args);
  const spec = (): Record<string, unknown> | undefined => druid.supervisors.get('flights')?.spec;

  it('do what they say, and say what they did', async () => {
    druid.supervisors.put('flights', supervisor());
    expect(await tell('suspend')).toEqual({
      code: 0,
      err: '',
      out: 'flights is suspended: its tasks publish what they have read, and no others begin. Its events wait until it is resumed.\n',
    });
    expect(spec()).toMatchObject({ suspended: true });
    expect((await tell('suspend')).out).toBe('flights was suspended already.\n');
    expect((await tell('resume')).out).toBe('flights is resumed, and goes on where it was.\n');
    expect(spec()).toMatchObject({ suspended: false });
    expect((await tell('resume')).out).toBe('flights was not suspended.\n');
    expect((await tell('terminate')).out).toMatch(/^flights has no supervisor any more: .*Druid keeps its place/);
    expect(spec()).toBeUndefined();
  });

  it('make a suspension of ours one of the user, so that no process of ours ends it', async () => {
    druid.supervisors.put('flights', supervisor(parked));
    expect((await tell('suspend')).out).toMatch(/^flights is suspended, and stays so until it is resumed\./);
    expect(spec()).toMatchObject({ suspended: true, context: { 'tranquility.spec': 'print' } });
    expect(spec()?.['context']).not.toHaveProperty('tranquility.parked');
    druid.supervisors.put('flights', supervisor(parked));
    expect((await tell('resume')).out).toContain('see that a process has the journal open');
    expect(spec()).toMatchObject({ suspended: false });
  });

  it.each(['suspend', 'resume', 'terminate'])('%s leaves alone what is not ours, unless it must', async (command) => {
    const others = supervisor({ suspended: command === 'resume' }, 'kafka:9092');
    druid.supervisors.put('flights', others);
    const { code, out, err } = await tell(command);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(
      /^error: flights has a supervisor that is not ours.*servers "kafka:9092".*Nothing was changed\.\n/,
    );
    expect(spec()).toEqual(others);
    expect((await tell(command, '--force')).code).toBe(0);
    expect(spec()).not.toEqual(others);
  });

  it('tell of each dataSource of the config, and end with 1 when one fails', async () => {
    druid.supervisors.put('flights', supervisor());
    const { code, out } = await runCommand('suspend', '-configFile', config, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({
      action: 'suspend',
      dataSources: [
        { dataSource: 'flights', status: 'done', message: expect.stringContaining('is suspended') as string },
        {
          dataSource: 'trains',
          status: 'failed',
          code: 'TRQ_SUPERVISOR_UNKNOWN',
          message: expect.stringContaining('trains has no supervisor to suspend. Where Druid reads from us,') as string,
        },
      ],
    });
  });

  it('wait for tasks that begin, and for no longer than they are given', async () => {
    const beginning = { activeTasks: [{ id: 'a', startTime: null }] };
    druid.supervisors.put('flights', supervisor(), beginning);
    const asked = (): number => druid.count(/flights\/status$/);
    const suspended = tell('suspend');
    await expect.poll(asked).toBeGreaterThan(1);
    expect(spec()).not.toHaveProperty('suspended');
    druid.supervisors.put('flights', supervisor());
    expect((await suspended).code).toBe(0);
    druid.supervisors.put('flights', supervisor(), beginning);
    expect((await tell('terminate', '--timeout', '1')).code).toBe(0);
    expect(spec()).toBeUndefined();
  });

  it.each([
    [['--set', 'druid.overlord.urls=http://127.0.0.1:1'], 1, /No overlord answered at http:\/\/127\.0\.0\.1:1/],
    [['-dataSource', 'flight'], 78, /Did you mean "flights"\?/],
    [['--now'], 2, /Unknown option '--now'\. .*resume --help/],
    [['--timeout', '0'], 2, /--timeout 0: expected seconds/],
  ])('%j ends with %d and a message', async (args, code, message) => {
    expect(await tell('resume', ...args)).toEqual({ code, out: '', err: expect.stringMatching(message) as string });
  });

  it('are refused where Druid refuses them, in its words', async () => {
    druid.supervisors.put('flights', supervisor());
    druid.script = ({ path }) =>
      path.endsWith('/terminate') ? { status: 403, body: { error: 'no right to write flights' } } : undefined;
    const { code, err } = await tell('terminate');
    expect(code).toBe(1);
    expect(err).toContain('no right to write flights');
    expect(spec()).toBeDefined();
  });
});

import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { ScriptedDruid } from '@tranquility-js/scripted-druid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../src/run.js';
import { Screen } from './support/screen.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

const time = new Date().toISOString();
const event = (origin: string): string => JSON.stringify({ time, origin, delay: 1 });

describe('tranquility push', () => {
  let druid: ScriptedDruid;
  let temporary: TemporaryDirectory;
  let out: Screen;
  let err: Screen;
  let interrupt = (): void => undefined;
  let listening = 0;

  beforeEach(async () => {
    druid = await ScriptedDruid.start();
    temporary = await TemporaryDirectory.make();
    [out, err] = [new Screen(), new Screen()];
    listening = 0;
  });
  afterEach(async () => {
    await druid[Symbol.asyncDispose]();
    await temporary[Symbol.asyncDispose]();
  });

  const file = (name: string, text: string): Promise<string> => temporary.file(name, text);

  async function push(args: string[], stdin: Readable = Readable.from([])): Promise<number> {
    const config = await file(
      'tranquility.yaml',
      `dataSources: [{spec: {dataSchema: {dataSource: flights, timestampSpec: {column: time}, dimensionsSpec: {}, granularitySpec: {segmentGranularity: DAY}}}}]
properties: {druid.overlord.urls: "${druid.url}"}`,
    );
    return run(['push', '-configFile', config, ...args], {
      terminal: { out, err },
      stdin,
      onInterrupt: (callback) => {
        interrupt = callback;
        listening++;
        return () => listening--;
      },
    });
  }

  const origins = (): unknown[] => druid.rows.map((row) => row['origin']).sort();

  it('sends files and standard input, in all three forms', async () => {
    const lines = await file('a.ndjson', `${event('a')}\n${event('b')}\n`);
    const list = await file('b.json', `[${event('c')},\n ${event('d')}]`);
    const code = await push([lines, '-', list], Readable.from([Buffer.from(`${event('e')}${event('f')}`)]));
    expect(code).toBe(0);
    expect(origins()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(out.text).toMatch(/^flights: 6 events read in .*\n {2}sent {5}6\n {2}dropped {2}0\n {2}failed {3}0\n$/);
    expect(err.text).toBe('');
  });

  it('tells what it dropped, where it was read, and sums it up', async () => {
    const lines = [
      event('a'),
      '{"broken',
      event('b'),
      '{"time":"2001-01-01T00:00:00Z"}',
      '{"time":"2999-01-01T00:00:00Z"}',
      '7',
    ];
    const code = await push(['--json', await file('a.ndjson', lines.join('\n'))]);
    expect(code).toBe(0);
    expect(JSON.parse(out.text)).toMatchObject({
      dataSource: 'flights',
      read: 6,
      sent: 2,
      dropped: { unparseable: 2, late: 1, early: 1 },
      failed: 0,
      interrupted: false,
    });
    expect(err.text).toMatch(/a\.ndjson:2: unparseable: Not valid JSON at character \d+/);
    expect(err.text).toMatch(/a\.ndjson:4: late: Its time is 2001-01-01T00:00:00\.000Z\. Segments from/);
    expect(err.text).toMatch(/a\.ndjson:5: early: /);
    expect(err.text).toMatch(/a\.ndjson:6: unparseable: Expected a JSON object, found a number/);
  });

  it('shows the first drops of each reason only', async () => {
    await push([await file('a.ndjson', '{"broken\n'.repeat(1000))]);
    expect(err.text.split('\n').length).toBeLessThan(10);
    expect(out.text).toContain('dropped  1,000  (unparseable 1,000)');
  });

  it.each([
    ['nothing was sent', [], '{"broken', 3],
    ['--fail-on-drop', ['--fail-on-drop'], `${event('a')}\n{"broken`, 3],
    ['some were sent', [], `${event('a')}\n{"broken`, 0],
    ['there was nothing', [], '', 0],
  ])('ends honestly when events were dropped: %s', async (_, args, text, code) => {
    expect(await push([...args, await file('a.ndjson', text)])).toBe(code);
  });

  it('stops reading when no event can be delivered, and says why', async () => {
    druid.script = ({ method, path }) =>
      method === 'POST' && path.endsWith('/task') ? { status: 400, body: { error: 'No such aggregator' } } : undefined;
    const endless = Readable.from(
      (async function* () {
        for (;;) {
          yield Buffer.from(`${event('a')}\n`);
          await sleep(1);
        }
      })(),
    );
    expect(await push([], endless)).toBe(1);
    expect(err.text).toContain('stdin:1: failed: TRQ_OVERLORD_REFUSED');
    expect(err.text).toContain('No such aggregator');
    await sleep(20);
    expect(endless.destroyed).toBe(true);
  });

  it('drains on Ctrl-C', async () => {
    const stdin = new PassThrough();
    const running = push(['--json'], stdin);
    stdin.write(`${event('a')}\n${event('b')}\n`);
    while (druid.rows.length < 2) await sleep(5);
    interrupt();
    expect(await running).toBe(130);
    expect(JSON.parse(out.text)).toMatchObject({ read: 2, sent: 2, failed: 0, interrupted: true });
    expect(err.text).toContain('Press Ctrl-C again');
    expect(stdin.destroyed).toBe(true);
  });

  it('gives up what was read on a second Ctrl-C, and counts it', async () => {
    druid.script = ({ path, body }) => (path.endsWith('/push-events') && body !== '[]' ? { status: 503 } : undefined);
    const stdin = new PassThrough();
    const running = push(['--json'], stdin);
    stdin.write(`${event('a')}\n`);
    while (druid.count(/push-events/) < 3) await sleep(5);
    interrupt();
    interrupt();
    expect(await running).toBe(1);
    expect(JSON.parse(out.text)).toMatchObject({ read: 1, sent: 0, failed: 1, interrupted: true });
    expect(err.text).toContain('stdin:1: failed: TRQ_ABORTED');
  });

  it('shows progress to a person at a terminal, and leaves the line clean', async () => {
    err = new Screen(true);
    const slow = Readable.from(
      (async function* () {
        yield Buffer.from(`${event('a')}\n{"time":1}\n`);
        await sleep(700);
      })(),
    );
    expect(await push([], slow)).toBe(0);
    expect(err.text).toMatch(/flights: 2 read {2}1 sent {2}\d+\/s {2}1 task {2}1 dropped \(late 1\)/);
    expect(err.text.endsWith('\r\u001B[K')).toBe(true);
  });

  it('unpacks what is packed, files and standard input', async () => {
    const packed = join(temporary.path, 'a.ndjson.gz');
    await writeFile(packed, gzipSync(`${event('a')}\n`));
    const stdin = Readable.from([...gzipSync(`${event('b')}\n${event('c')}\n`)].map((byte) => Buffer.from([byte])));
    expect(await push([packed, '-'], stdin)).toBe(0);
    expect(origins()).toEqual(['a', 'b', 'c']);
  });

  const member = (...names: string[]): Buffer => gzipSync(names.map((name) => `${event(name)}\n`).join(''));
  const many = Array.from({ length: 1000 }, (_, n) => `many ${n}`);

  it.each<[string, Buffer[]]>([
    ['', [Buffer.concat([member('a'), Buffer.alloc(512), member(...many)])]],
    [' that comes later', [member('a'), Buffer.alloc(512), member('b')]],
    [' behind the zeros of the piece before', [Buffer.concat([member('a'), Buffer.alloc(512)]), member('b')]],
    [' byte by byte', [...member('a'), ...Buffer.alloc(5), ...member('b')].map((byte) => Buffer.from([byte]))],
  ])('passes over nothing behind zeros in what is packed%s', async (_, pieces) => {
    expect(await push([], Readable.from(pieces))).toBe(1);
    expect(err.text).toMatch(/error: stdin breaks off: There are bytes behind the end/);
    expect(origins()).toEqual(['a']);
  });

  it('takes members one behind another, and zeros that fill up a block', async () => {
    const pieces = [Buffer.concat([member('a'), member('b'), Buffer.alloc(512)]), Buffer.alloc(3_000_000)];
    expect(await push([], Readable.from(pieces))).toBe(0);
    expect([err.text, origins()]).toEqual(['', ['a', 'b']]);
  });

  it('says when an input breaks off, and reads the others', async () => {
    const packed = join(temporary.path, 'a.ndjson.gz');
    await writeFile(packed, gzipSync(`${event('a')}\n`.repeat(1000)).subarray(0, 60));
    expect(await push([packed, await file('b.ndjson', event('b'))])).toBe(1);
    expect(err.text).toMatch(/error: .*a\.ndjson\.gz breaks off: unexpected end of file/);
    expect(out.text).toMatch(/sent {5}\d+/);
    expect(origins()).toContain('b');
  });

  it('keeps what was not delivered in a file, with the reason', async () => {
    const letters = join(temporary.path, 'dead.ndjson');
    const broken = `{"broken": "${'x'.repeat(300)}`;
    const lines = [event('a'), broken, '{"time":"2001-01-01T00:00:00Z","n":1}'];
    expect(await push(['--dead-letter', letters, await file('a.ndjson', lines.join('\n'))])).toBe(0);
    const kept = (await readFile(letters, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(kept).toHaveLength(2);
    expect(kept).toContainEqual(
      expect.objectContaining({
        dataSource: 'flights',
        lane: 'realtime',
        reason: 'late',
        event: { time: '2001-01-01T00:00:00Z', n: 1 },
      }),
    );
    expect(kept).toContainEqual(expect.objectContaining({ reason: 'unparseable', event: broken }));
    expect(await push(['--dead-letter', temporary.path, '-'])).toBe(2);
    expect(err.text).toContain(`Cannot write --dead-letter ${temporary.path}`);
  });

  it('ends with its sums and 1 where dead letters cannot be kept', async () => {
    const config = ['--set', 'tranquility.lateEvents=dead-letter', '--set', 'tranquility.deadLetterPath=/dev/full'];
    const old = '{"time":"2001-01-01T00:00:00Z"}';
    expect(await push([...config, await file('a.ndjson', `${event('a')}\n${old}`)])).toBe(1);
    expect(err.text).toMatch(
      /error: tranquility\.deadLetterPath: events that are missing in \/dev\/full: 1, as it cannot be/,
    );
    expect(out.text).toMatch(/sent {5}1/);
    expect(listening).toBe(0);
  });

  it('keeps to a rate', async () => {
    const started = performance.now();
    expect(await push(['--rate', '100', await file('a.ndjson', `${event('a')}\n`.repeat(50))])).toBe(0);
    expect(performance.now() - started).toBeGreaterThan(400);
    expect(druid.rows).toHaveLength(50);
  });

  it('lets properties of the command line win', async () => {
    await using other = await ScriptedDruid.start();
    const lines = await file('a.ndjson', event('a'));
    expect(await push(['--set', `druid.overlord.urls=${other.url}`, lines])).toBe(0);
    expect(other.rows).toHaveLength(1);
    expect(await push(['--set', 'task.partitions=many', lines])).toBe(78);
    expect(err.text).toContain('command line: ["task.partitions"] is "many", not a whole number');
  });

  it.each([
    [['/no/such/file'], 2, /Cannot read \/no\/such\/file/],
    [[tmpdir()], 2, /it is a directory/],
    [['-dataSource', 'flight'], 78, /Did you mean "flights"\?/],
    [['--set', 'druid.overlord.urls=http://127.0.0.1:1'], 1, /No overlord answered at http:\/\/127\.0\.0\.1:1/],
  ])(
    '%j ends with %d and a message',
    async (args, code, message) => {
      expect(await push(args)).toBe(code);
      expect(err.text).toMatch(message);
      expect(out.text).toBe('');
    },
    20_000,
  );
});

describe('tranquility', () => {
  it.each([
    [[], 2, /Usage: tranquility COMMAND/],
    [['pull'], 2, /there is no command "pull"/],
    [['constructor'], 2, /there is no command "constructor"/],
    [['--help'], 0, /Usage: tranquility COMMAND/],
    [['--version'], 0, /^\d+\.\d+\.\d+/],
    [['push', '--help'], 0, /Exit codes:/],
    [['status', '-help'], 0, /Exit codes:/],
    [['terminate', '-help'], 0, /Exit codes:/],
    [['validate', '-h'], 0, /Exit codes:/],
  ])('%j', async (args, code, message) => {
    const [out, err] = [new Screen(), new Screen()];
    const environment = { terminal: { out, err }, stdin: Readable.from([]), onInterrupt: () => () => undefined };
    expect(await run(args, environment)).toBe(code);
    expect(code === 0 ? out.text : err.text).toMatch(message);
  });
});

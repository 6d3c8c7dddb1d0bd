import { createServer } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MemoryLog, RawReader, requests } from '@tranquility-js/scripted-druid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Secret } from '../../src/config/secret.js';
import { silentLogger } from '../../src/observe/logger.js';
import { Endpoint, type EndpointOptions } from '../../src/pull/endpoint.js';
import { partitionsOf, type TopicPartition } from '../../src/pull/topics.js';
import { range } from '../journal/support/journals.js';

describe('the endpoint', () => {
  let log: MemoryLog;
  let topics: Map<string, readonly TopicPartition[]>;
  let endpoint: Endpoint;
  let reader: RawReader;
  let lines: string[];

  async function restart(options: Partial<EndpointOptions> = {}): Promise<void> {
    await endpoint.close();
    endpoint = await Endpoint.start({ topics, logger: logger(), ...options });
    reader = new RawReader(endpoint.port);
  }
  const logger = (): typeof silentLogger => {
    const note = (line: string): void => {
      lines.push(line);
    };
    return { ...silentLogger, warn: note, error: note, debug: note };
  };

  beforeEach(async () => {
    lines = [];
    log = new MemoryLog();
    topics = new Map([['flights', [{ leader: 0, log }, { leader: 1 }]]]);
    endpoint = await Endpoint.start({ topics, logger: logger() });
    reader = new RawReader(endpoint.port);
  });
  afterEach(async () => {
    await reader[Symbol.asyncDispose]();
    await endpoint.close();
  });

  const hex = async (request: Buffer): Promise<string | undefined> => (await reader.ask(request))?.toString('hex');
  const port = (): string => endpoint.port.toString(16).padStart(8, '0');
  const flights = Buffer.from('flights').toString('hex');
  const localhost = Buffer.from('127.0.0.1').toString('hex');
  const cluster = Buffer.from('tranquility-js').toString('hex');

  it('lists what it speaks, in the form of the version that is asked for', async () => {
    const listed = ['0000 0003 0009', '0001 0004 000c', '0002 0001 0007', '0003 0001 0009', '0012 0000 0003'];
    const plain = listed.join('').replaceAll(' ', '');
    expect(await hex(requests.apiVersions(0))).toBe(`000000000005${plain}`);
    expect(await hex(requests.apiVersions(2))).toBe(`000000000005${plain}00000000`);
    const compact = listed.map((api) => `${api}00`.replaceAll(' ', '')).join('');
    expect(await hex(requests.apiVersions(3))).toBe(`000006${compact}0000000000`);
  });

  it('answers a newer ApiVersions than it speaks in the oldest form, with the error that makes clients ask again', async () => {
    expect(await hex(requests.apiVersions(4))).toMatch(/^0023000000050000/);
  });

  it('says who serves what, of all nodes', async () => {
    const nodes = `00000001 00000000 0009${localhost}${port()}ffff`;
    const partition = (index: number, leader: number, version: number): string =>
      [
        `0000 0000000${index} 0000000${leader}${version >= 7 ? 'ffffffff' : ''}`,
        `00000001 0000000${leader} 00000001 0000000${leader}${version >= 5 ? '00000000' : ''}`,
      ].join('');
    for (const version of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const expected = [
        version >= 3 ? '00000000' : '',
        nodes,
        version >= 2 ? `000e${cluster}` : '',
        '00000000',
        `00000001 0000 0007${flights}00 00000002${partition(0, 0, version)}${partition(1, 1, version)}`,
        version >= 8 ? '8000000080000000' : '',
      ];
      expect(await hex(requests.metadata(version, ['flights']))).toBe(expected.join('').replaceAll(' ', ''));
    }
  });

  it('says so in the compact form too', async () => {
    const partition = (index: number): string =>
      `0000 0000000${index} 0000000${index} ffffffff 02 0000000${index} 02 0000000${index} 01 00`;
    const expected = [
      `00 00000000 02 00000000 0a${localhost}${port()} 00 00 0f${cluster}00000000`,
      `02 0000 08${flights}00 03 ${partition(0)}${partition(1)} 80000000 00 80000000 00`,
    ];
    expect(await hex(requests.metadata(9, null))).toBe(expected.join('').replaceAll(' ', ''));
  });

  it('knows no topic that it does not serve, and creates none', async () => {
    expect(await hex(requests.metadata(4, ['other']))).toContain('00000001000300056f746865720000000000');
    expect(await hex(requests.metadata(1, []))).toMatch(/0000000000000000$/);
  });

  it('begins at 0 whatever it holds, and ends behind the last record', async () => {
    log.append(['a', 'b'], { offset: 70, timestamp: 1_000 });
    log.trim(0);
    const answer = async (version: number, at: number, index = 0): Promise<string | undefined> =>
      (await hex(requests.listOffsets(version, { flights: [{ index, at }] })))?.replace(/^.*666c6967687473/, '');
    expect(await answer(1, -2)).toBe('00000001000000000000ffffffffffffffff0000000000000000');
    expect(await answer(5, -1)).toBe('00000001000000000000ffffffffffffffff0000000000000048ffffffff');
    expect(await answer(7, -1)).toBe('02000000000000ffffffffffffffff0000000000000048ffffffff000000');
    expect(await answer(1, 999)).toBe('0000000100000000000000000000000003e80000000000000046');
    expect(await answer(1, 1_001)).toBe('00000001000000000000ffffffffffffffffffffffffffffffff');
    expect(await answer(1, -3)).toBe('0000000100000000002affffffffffffffffffffffffffffffff');
    expect(await answer(1, -1, 1)).toBe('00000001000000010006ffffffffffffffffffffffffffffffff');
    expect(await answer(1, -1, 2)).toBe('00000001000000020003ffffffffffffffffffffffffffffffff');
  });

  it('looks for times one after the other, and for each once', async () => {
    const other = new MemoryLog();
    const looks = [log, other].map((each) => {
      const look = vi.spyOn(each, 'offsetOfTime');
      look.mockImplementation(async (timestamp) => {
        most = Math.max(most, ++underWay);
        await nextTurn();
        underWay--;
        return { offset: timestamp * 10, timestamp };
      });
      return look;
    });
    let [underWay, most] = [0, 0];
    topics.set('flights', [
      { leader: 0, log },
      { leader: 0, log: other },
    ]);
    // Room for one look, of whichever connection.
    await restart({ limits: { pendingBytes: 1_000 } });
    await using second = new RawReader(endpoint.port);
    const asked = range(0, 1_000).map((n) => ({ index: n % 2, at: 5 + (n % 3) }));
    const answers = await Promise.all(
      [reader, second].map((each) => each.ask(requests.listOffsets(1, { flights: asked }))),
    );
    expect(looks.map(({ mock }) => mock.calls.length)).toEqual([6, 6]);
    expect(most).toBe(1);
    for (const answer of answers) {
      const found = range(0, 1_000).map((n) => Number(answer?.readBigInt64BE(17 + 22 * n + 14)));
      expect(found).toEqual(asked.map(({ at }) => at * 10));
    }
  });

  it('looks for no more times when the connection has ended', async () => {
    const looked = vi.spyOn(log, 'offsetOfTime').mockImplementation(async () => {
      await reader[Symbol.asyncDispose]();
      await expect.poll(() => endpoint.connections.open).toBe(0);
      return undefined;
    });
    void reader.ask(requests.listOffsets(1, { flights: range(0, 10).map((at) => ({ index: 0, at })) }));
    await expect.poll(() => looked.mock.results[0]?.type).toBe('return');
    await looked.mock.results[0]?.value;
    await nextTurn();
    expect(looked).toHaveBeenCalledOnce();
  });

  it('tells of a topic, and reads a partition, once, however often they are named', async () => {
    log.append(['a']);
    const often = requests.metadata(
      4,
      range(0, 1_000).map(() => 'flights'),
    );
    expect(await hex(often)).toBe(await hex(requests.metadata(4, ['flights'])));
    const reads = vi.spyOn(log, 'read');
    const partition = { index: 0, at: 0, maxBytes: 1 };
    const answer = await hex(requests.fetch(4, { flights: range(0, 1_000).map(() => partition) }));
    expect(reads).toHaveBeenCalledOnce();
    expect(answer).toBe(await hex(requests.fetch(4, { flights: [partition] })));
  });

  it.each([4, 5, 6, 7, 8, 9, 10, 11, 12])('gives whole batches as they lie in the log: Fetch %i', async (version) => {
    log.append(['a', 'b']);
    log.append(['c']);
    const { bytes } = await log.read(0, 1_000_000);
    const answer = await reader.ask(requests.fetch(version, { flights: [{ index: 0, at: 1 }] }));
    const end = '0000000000000003';
    const parts =
      version >= 12
        ? `00 00000000 0000 00000000 02 08${flights} 02 00000000 0000 ${end}${end}0000000000000000 01 ffffffff`
        : [
            `00000000${version >= 7 ? '000000000000' : ''} 00000001 0007${flights} 00000001 00000000 0000 ${end}${end}`,
            `${version >= 5 ? '0000000000000000' : ''} 00000000 ${version >= 11 ? 'ffffffff' : ''}`,
          ].join('');
    const length = bytes.length.toString(16).padStart(8, '0');
    const compact = [((bytes.length + 1) & 0x7f) | 0x80, (bytes.length + 1) >> 7];
    const records =
      version >= 12
        ? `${Buffer.from(compact).toString('hex')}${bytes.toString('hex')}000000`
        : `${length}${bytes.toString('hex')}`;
    expect(answer?.toString('hex')).toBe(`${parts}${records}`.replaceAll(' ', ''));
  });

  const recordsIn = async (answer: Promise<Buffer | undefined>): Promise<number> => {
    const bytes = await answer;
    // Fetch 4 with one partition: what is in front of the records has one length.
    return bytes === undefined ? -1 : bytes.length - 51;
  };
  const fetch = (at: number, limits = {}, maxBytes = 1_000_000): Buffer =>
    requests.fetch(4, { flights: [{ index: 0, at, maxBytes }] }, limits);

  it('gives at least one batch, and no more than was asked for otherwise', async () => {
    log.append(['x'.repeat(1_000)]);
    log.append(['x'.repeat(1_000)]);
    const one = await recordsIn(reader.ask(fetch(0, {}, 1)));
    expect(one).toBeGreaterThan(1_000);
    expect(await recordsIn(reader.ask(fetch(0, { maxBytes: 1 })))).toBe(one);
    expect(await recordsIn(reader.ask(fetch(0)))).toBe(2 * one);
  });

  it('lets a Fetch wait for an append, as long as it wants to', async () => {
    const answer = reader.ask(fetch(0, { maxWait: 30_000 }));
    await expect.poll(() => log.listeners).toBe(1);
    log.append(['a']);
    expect(await recordsIn(answer)).toBeGreaterThan(0);
    expect(log.listeners).toBe(0);
    expect(await recordsIn(reader.ask(fetch(1, { maxWait: 5 })))).toBe(0);
    expect(log.listeners).toBe(0);
  });

  it('lets it wait too where the log ends above its last record, as after a crash', async () => {
    log.append(['a']);
    log.leaveOut(1_000);
    const answer = reader.ask(fetch(1, { maxWait: 30_000 }));
    await expect.poll(() => log.listeners).toBe(1);
    log.append(['b']);
    expect(await recordsIn(answer)).toBeGreaterThan(0);
  });

  it('lets it wait until there are as many bytes as it wants', async () => {
    log.append(['a']);
    const answer = reader.ask(fetch(0, { maxWait: 30_000, minBytes: 1_500 }));
    await expect.poll(() => log.listeners).toBe(1);
    log.append(['b']);
    await expect.poll(() => log.listeners).toBe(1);
    log.append(['x'.repeat(1_500)]);
    expect(await recordsIn(answer)).toBeGreaterThan(1_500);
  });

  it('reads again only when there may be as many', async () => {
    const read = vi.spyOn(log, 'read');
    const answer = reader.ask(fetch(0, { maxWait: 30_000, minBytes: 1_500 }));
    await expect.poll(() => log.listeners).toBe(1);
    for (let times = 0; times < 10; times++) log.append(['b']);
    await nextTurn();
    expect(read).not.toHaveBeenCalled();
    log.append(['x'.repeat(1_500)]);
    expect(await recordsIn(answer)).toBeGreaterThan(1_500);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('does not let it wait for more than it takes, or than it is given at most', async () => {
    log.append(['x'.repeat(1_000)]);
    log.append(['y'.repeat(1_000)]);
    const much = { maxWait: 30_000, minBytes: 2 ** 31 - 1 };
    expect(await recordsIn(reader.ask(fetch(0, much, 1)))).toBeGreaterThan(1_000);
    await restart({ limits: { fetchBytes: 1_500 } });
    expect(await recordsIn(reader.ask(fetch(0, much)))).toBeGreaterThan(1_000);
    const answer = reader.ask(fetch(2, much));
    await expect.poll(() => log.listeners).toBe(1);
    log.append(['z'.repeat(1_500)]);
    expect(await recordsIn(answer)).toBeGreaterThan(1_500);
  });

  it('holds nothing of the log while a Fetch waits', async () => {
    const given: WeakRef<Buffer>[] = [];
    const read = log.read.bind(log);
    log.read = async (offset, maxBytes) => {
      const found = await read(offset, maxBytes);
      given.push(new WeakRef(found.bytes));
      return found;
    };
    log.append(['a']);
    void reader.ask(fetch(0, { minBytes: 1_000_000, maxWait: 30_000 }));
    await expect.poll(() => log.listeners).toBe(1);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    await expect
      .poll(() => {
        collect();
        return given.map((bytes) => bytes.deref());
      })
      .toEqual([undefined]);
  });

  it('forgets a Fetch that waits when its connection ends', async () => {
    void reader.ask(fetch(0, { maxWait: 30_000 }));
    await expect.poll(() => log.listeners).toBe(1);
    await reader[Symbol.asyncDispose]();
    await expect.poll(() => log.listeners).toBe(0);
  });

  it('does not let the idle partitions of a reader hold up its busy ones', async () => {
    const idle = new MemoryLog();
    topics.set('flights', [
      { leader: 0, log },
      { leader: 0, log: idle },
    ]);
    log.append(['a']);
    log.append(['b']);
    await reader.ask(requests.fetch(4, { flights: [{ index: 0, at: 0, maxBytes: 1 }] }));
    const answer = await reader.ask(requests.fetch(4, { flights: [{ index: 1, at: 0 }] }, { maxWait: 30_000 }));
    expect(answer?.length).toBe(51);
  });

  it('serves over what is gone, and says what that may have cost, once', async () => {
    log.append(['a', 'b', 'c']);
    log.append(['d'], { offset: 100 });
    log.trim(3);
    expect(await recordsIn(reader.ask(fetch(1)))).toBeGreaterThan(0);
    await reader.ask(fetch(1));
    expect(endpoint.reading('flights', 0)).toMatchObject({ offset: 1, gaps: [{ from: 1, to: 100 }], beyondEnd: 0 });
    expect(lines).toEqual([
      'A reader of flights, partition 0, stood at offset 1, and the log goes on at 100 only. It was served from there. Events between them that Druid had not published are lost: look why the log was lost or cut.',
    ]);
  });

  it('takes a reader that begins for none that misses something', async () => {
    log.append(['d'], { offset: 100 });
    log.trim(0);
    expect(await recordsIn(reader.ask(fetch(0)))).toBeGreaterThan(0);
    expect(endpoint.reading('flights', 0)?.gaps).toEqual([]);
  });

  it('says that a reader was served over a file that is gone, wherever it stood', async () => {
    log.append(['a']);
    log.append(['d'], { offset: 100 });
    log.cuts.push({ offset: 50, rows: 10, isGone: true });
    await reader.ask(fetch(1));
    await reader.ask(fetch(55));
    await reader.ask(fetch(60));
    await reader.ask(fetch(100));
    log.trim(1);
    await reader.ask(fetch(0));
    expect(endpoint.reading('flights', 0)?.gaps).toEqual([
      { from: 1, to: 100 },
      { from: 55, to: 100 },
      { from: 0, to: 100 },
    ]);
  });

  it('refuses an offset beyond the end, and says so once', async () => {
    log.append(['a']);
    const asked = requests.fetch(4, { flights: [{ index: 0, at: 2 }] }, { maxWait: 30_000 });
    expect((await hex(asked))?.slice(50, 54)).toBe('0001');
    await reader.ask(asked);
    expect(endpoint.reading('flights', 0)).toMatchObject({ beyondEnd: 2 });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/asks for offset 2, but the log ends at 1: it has lost its end/);
  });

  it('names the reason where it has no log to read', async () => {
    const error = async (asked: Buffer): Promise<string | undefined> => (await hex(asked))?.slice(50, 54);
    expect(await error(requests.fetch(4, { flights: [{ index: 1, at: 0 }] }))).toBe('0006');
    expect(await error(requests.fetch(4, { flights: [{ index: 2, at: 0 }] }))).toBe('0003');
    log.append(['a']);
    log.failure = new Error('the disk is gone');
    expect(await error(fetch(0))).toBe('0038');
    expect(lines).toEqual(['The log of flights, partition 0, cannot be read at 0: the disk is gone']);
    expect((await hex(requests.fetch(7, { flights: [] }, { session: 5 })))?.slice(0, 12)).toBe('000000000046');
  });

  it('answers requests in their order, and holds no more of them than it may', async () => {
    await restart({ limits: { waitingRequests: 2 } });
    const waiting = reader.ask(fetch(0, { maxWait: 30_000 }));
    const rest = Array.from({ length: 50 }, (_, index) => reader.ask(requests.metadata(4, [`t${index}`])));
    await expect.poll(() => log.listeners).toBe(1);
    log.append(['a']);
    expect(await recordsIn(waiting)).toBeGreaterThan(0);
    const answers = await Promise.all(rest);
    answers.forEach((answer, index) => {
      expect(answer?.toString()).toContain(`t${index}`);
    });
  });

  it('ends a connection that asks for what is not served, and no other', async () => {
    await using other = new RawReader(endpoint.port);
    await other.ask(requests.metadata(4, null));
    const unknown = requests.metadata(4, null);
    unknown.writeInt16BE(22, 4);
    expect(await reader.ask(unknown)).toBeUndefined();
    expect(await other.ask(requests.metadata(4, null))).toBeDefined();
    expect(endpoint.connections).toEqual({ open: 1, accepted: 2, refused: 1, tooMany: 0 });
    expect(lines[0]).toMatch(
      /^A connection was closed: 127\.0\.0\.1:\d+: it asks for the api 22, which is not served\.$/,
    );
  });

  it.each([
    ['a request that is too large', Buffer.from('7fffffff00', 'hex'), 'a request of 2147483647 bytes'],
    ['a request of no bytes', Buffer.alloc(4), 'a request of 0 bytes'],
    [
      'a version that is not spoken',
      Buffer.from('00000009 0001000d 00000001 00'.replaceAll(' ', ''), 'hex'),
      'fetch in version 13',
    ],
    ['a request that ends too early', requests.fetch(4, { flights: [] }).subarray(0, 30), ''],
  ])('ends a connection with %s', async (_, bytes, reason) => {
    await restart({ limits: { handshake: 300 } });
    await reader.send(bytes);
    await reader.closed;
    expect(lines.at(-1)).toContain(reason === '' ? 'within 300 ms' : reason);
  });

  it('ends a connection whose request comes too slowly, or whose answer is not taken', async () => {
    await restart({ limits: { transfer: 200 } });
    await reader.ask(requests.metadata(4, null));
    await reader.send(requests.metadata(4, null).subarray(0, 10));
    await reader.closed;
    expect(lines.at(-1)).toContain('a request came too slowly (200 ms)');

    log.append(['x'.repeat(8_000_000)]);
    await using lazy = new RawReader(endpoint.port);
    lazy.pause();
    for (let times = 0; times < 4; times++) await lazy.send(fetch(0));
    await expect.poll(() => lines.at(-1)).toContain('an answer was not taken within 200 ms');
  });

  it('ends a connection on which nothing moves', async () => {
    await restart({ limits: { idle: 100 } });
    await reader.ask(requests.metadata(4, null));
    await reader.closed;
    expect(lines.at(-1)).toContain('nothing moved on it for 100 ms');
  });

  it('takes no more connections than it may', async () => {
    await restart({ limits: { connections: 1 } });
    await reader.ask(requests.metadata(4, null));
    await using second = new RawReader(endpoint.port);
    await second.closed;
    expect(endpoint.connections).toMatchObject({ open: 1, tooMany: 1 });
    expect(await reader.ask(requests.metadata(4, null))).toBeDefined();
  });

  it('has an answer for a reader though others take none of theirs', async () => {
    for (let times = 0; times < 200; times++) log.append(['x'.repeat(100_000)]);
    await restart({ limits: { pendingBytes: 80_000_000, connections: 100, fetchBytes: 20_000_000 } });
    const lazy = range(0, 20).map(() => new RawReader(endpoint.port));
    const read = vi.spyOn(log, 'read');
    for (const each of lazy) {
      each.pause();
      await each.send(fetch(0, { maxBytes: 20_000_000 }, 20_000_000));
    }
    await expect.poll(() => read.mock.calls.length).toBe(20);
    expect(read.mock.calls.map(([, bytes]) => bytes)).toEqual([
      20_000_000,
      20_000_000,
      ...range(0, 18).map(() => 400_000),
    ]);
    expect(await recordsIn(reader.ask(fetch(0, { maxBytes: 20_000_000 }, 20_000_000)))).toBeGreaterThan(300_000);
    for (const each of lazy) await each[Symbol.asyncDispose]();
    await expect.poll(() => endpoint.connections.open).toBe(1);
    expect(await recordsIn(reader.ask(fetch(0, { maxBytes: 20_000_000 }, 20_000_000)))).toBeGreaterThan(19_000_000);
  });

  it('lets answers wait that are more together than it holds', async () => {
    log.append(['x'.repeat(2_000_000)]);
    await restart({ limits: { pendingBytes: 1_000_000 } });
    await using second = new RawReader(endpoint.port);
    const answers = await Promise.all([reader, second].map((each) => recordsIn(each.ask(fetch(0)))));
    expect(answers[0]).toBeGreaterThan(2_000_000);
    expect(answers[1]).toBe(answers[0]);
  });

  it('says what is wrong when it cannot listen', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port: busy } = taken.address() as { port: number };
    await expect(Endpoint.start({ topics, listen: { port: busy } })).rejects.toMatchObject({
      code: 'TRQ_ENDPOINT_FAILED',
      message: expect.stringContaining(`cannot listen at 127.0.0.1:${busy}`) as string,
    });
    taken.close();
  });

  it('warns when strangers can read', async () => {
    await restart({ listen: { host: '0.0.0.0' } });
    expect(lines[0]).toContain(`Whoever reaches 0.0.0.0:${endpoint.port} can read all events there.`);
  });
});

describe('partitions', () => {
  const node = (id: number): { id: number; host: string; port: number } => ({ id, host: 'h', port: 1 });

  it('are shared by the nodes in turn', () => {
    const own = new MemoryLog();
    const logOf = (_: number, leader: number): MemoryLog | undefined => (leader === 5 ? own : undefined);
    expect(partitionsOf([node(2), node(5)], 3, logOf)).toEqual([{ leader: 2 }, { leader: 5, log: own }, { leader: 2 }]);
  });

  it('are at least as many as nodes', () => {
    expect(() => partitionsOf([node(0), node(1)], 1, () => undefined)).toThrow('1 partitions are too few for 2 nodes');
  });
});

describe('a reader that has to show who it is', () => {
  let endpoint: Endpoint;
  let reader: RawReader;

  beforeEach(async () => {
    const users = new Map([['druid', new Secret('secret')]]);
    endpoint = await Endpoint.start({ topics: new Map(), sasl: { users, mechanisms: ['PLAIN'] } });
    reader = new RawReader(endpoint.port);
  });
  afterEach(async () => {
    await reader[Symbol.asyncDispose]();
    await endpoint.close();
  });

  it('is told how, and nothing else, before it has', async () => {
    expect((await reader.ask(requests.apiVersions(0)))?.toString('hex')).toContain('001100010001');
    expect(await reader.ask(requests.metadata(4, null))).toBeUndefined();
  });

  it('is told what it may choose when it chooses something else, and that is the end', async () => {
    expect((await reader.ask(requests.saslHandshake('GSSAPI')))?.toString('hex')).toBe('0021000000010005504c41494e');
    await reader.closed;
  });

  it('has one try', async () => {
    await reader.ask(requests.saslHandshake('PLAIN'));
    const wrong = requests.saslAuthenticate(1, Buffer.from('\0druid\0wrong'));
    const right = requests.saslAuthenticate(1, Buffer.from('\0druid\0secret'));
    void reader.send(Buffer.concat([wrong, right]));
    expect((await reader.answer())?.toString()).toContain('The user is not known, or the password is wrong.');
    expect(await reader.answer()).toBeUndefined();
  });

  it('reads once it has', async () => {
    await reader.ask(requests.saslHandshake('PLAIN'));
    const answer = await reader.ask(requests.saslAuthenticate(2, Buffer.from('\0druid\0secret')));
    expect(answer?.toString('hex')).toBe('00000000010000000000000000' + '00');
    expect(await reader.ask(requests.metadata(4, null))).toBeDefined();
    expect(await reader.ask(requests.saslHandshake('PLAIN'))).toBeUndefined();
  });
});

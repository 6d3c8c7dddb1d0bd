import { ScriptedDruid, type Answer, type ScriptedRequest } from '@tranquility-js/scripted-druid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig, type DataSourceConfig } from '../../src/index.js';
import { Secret } from '../../src/config/secret.js';
import { overlordUrls } from '../../src/druid/overlord-addresses.js';
import { OverlordClient } from '../../src/druid/overlord-client.js';
import { Supervisors, type SupervisorAction } from '../../src/druid/supervisors.js';
import { silentLogger } from '../../src/observe/logger.js';
import { ManagedSupervisor } from '../../src/pull/managed-supervisor.js';
import { consumerProperties } from '../../src/pull/reader-access.js';
import { supervisorSpec, type SupervisorPlan } from '../../src/pull/supervisor-spec.js';
import { readSupervisorStatus } from '../../src/pull/supervisor-status.js';
import type { JsonObject } from '../../src/spec/json.js';
import { systemClock } from '../../src/time/clock.js';
import { HttpClient } from '../../src/transport/http-client.js';
import { flights } from '../support/configs.js';

const nodes = [
  { id: 0, host: 'push-1', port: 9092 },
  { id: 1, host: '::1', port: 9093 },
];
const plan: SupervisorPlan = {
  topic: 'flights',
  address: 'push-1:9092',
  consumerProperties: consumerProperties({ nodes, tls: false }),
  taskCount: 2,
  replicas: 3,
};

function config(
  change: (spec: { dataSchema: Record<string, unknown>; tuningConfig?: unknown }) => void = () => undefined,
): DataSourceConfig['spec'] {
  const file = structuredClone(flights({ 'druid.overlord.urls': 'http://localhost:1' })) as {
    dataSources: { spec: { dataSchema: Record<string, unknown> } }[];
  };
  const [first] = file.dataSources;
  if (first === undefined) throw new Error('The config has no dataSource.');
  change(first.spec);
  const found = readConfig(file).dataSources.get('flights');
  if (found === undefined) throw new Error('The config has no flights.');
  return found.spec;
}
const inside = (spec: JsonObject): Record<string, JsonObject> => spec['spec'] as Record<string, JsonObject>;

describe('the spec of a supervisor', () => {
  it('reads from the beginning, by the tasks and replicas that the config wants', () => {
    expect(inside(supervisorSpec(config(), plan))['ioConfig']).toEqual({
      type: 'kafka',
      topic: 'flights',
      inputFormat: { type: 'json' },
      consumerProperties: { 'bootstrap.servers': 'push-1:9092,[::1]:9093', 'default.api.timeout.ms': '15000' },
      taskCount: 2,
      replicas: 3,
      useEarliestOffset: true,
      taskDuration: 'PT1H',
      completionTimeout: 'PT30M',
      period: 'PT30S',
      startDelay: 'PT1S',
    });
  });

  it('has the schema and the tuning as the user wrote them, but for what only realtime tasks know', () => {
    const transformSpec = { transforms: [{ type: 'expression', name: 'x', expression: 'y' }] };
    const spec = config((written) => {
      written.dataSchema['transformSpec'] = transformSpec;
      written.tuningConfig = { type: 'realtime', windowPeriod: 'PT1M', maxRowsInMemory: 7, newOption: { a: 1 } };
    });
    const { dataSchema, tuningConfig } = inside(supervisorSpec(spec, plan));
    expect(tuningConfig).toEqual({ type: 'kafka', maxRowsInMemory: 7, newOption: { a: 1 } });
    expect(dataSchema).toMatchObject({
      dataSource: 'flights',
      transformSpec,
      dimensionsSpec: spec.dimensionsSpec,
      metricsSpec: spec.metricsSpec,
      timestampSpec: spec.timestampSpec,
    });
  });

  it.each([
    [{ taskDuration: 'PT59S' }, 'The supervisor’s taskDuration is "PT59S". Use at least PT1M.'],
    [{ taskDuration: 'an hour' }, 'The supervisor’s taskDuration is "an hour".'],
    [{ completionTimeout: 'PT0S' }, 'The supervisor’s completionTimeout is "PT0S". Use at least 1 ms.'],
    [{ period: '-PT1S' }, 'The supervisor’s period is "-PT1S".'],
  ])('is refused with %j', (change, message) => {
    expect(() => supervisorSpec(config(), { ...plan, ...change })).toThrow(
      expect.objectContaining({ code: 'TRQ_CONFIG_INVALID', message: expect.stringContaining(message) as string }),
    );
  });

  it('says how readers show who they are', () => {
    const sasl = { mechanism: 'SCRAM-SHA-512', user: 'druid', password: new Secret('a"\\') } as const;
    const properties = { 'ssl.truststore.location': '/etc/trust.p12' };
    expect(consumerProperties({ nodes, tls: true, sasl, properties })).toEqual({
      'bootstrap.servers': 'push-1:9092,[::1]:9093',
      'default.api.timeout.ms': '15000',
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'SCRAM-SHA-512',
      'sasl.jaas.config':
        'org.apache.kafka.common.security.scram.ScramLoginModule required username="druid" password="a\\"\\\\";',
      'ssl.truststore.location': '/etc/trust.p12',
    });
    expect(consumerProperties({ nodes, tls: false, sasl: { ...sasl, mechanism: 'PLAIN' } })).toMatchObject({
      'security.protocol': 'SASL_PLAINTEXT',
      'sasl.jaas.config': expect.stringContaining('plain.PlainLoginModule') as string,
    });
    const ours = consumerProperties({ nodes, tls: false, properties: { 'default.api.timeout.ms': '60000' } });
    expect(ours).toMatchObject({ 'default.api.timeout.ms': '60000' });
  });
});

describe('the supervisor', () => {
  let druid: ScriptedDruid;
  let http: HttpClient;
  let stored: JsonObject | undefined;
  let posts: JsonObject[];
  let refusal: Answer | undefined;
  /** Of its status, one for each question; then the last one. */
  let statuses: Answer[];

  beforeEach(async () => {
    [stored, posts, refusal] = [undefined, [], undefined];
    statuses = [told({})];
    druid = await ScriptedDruid.start();
    druid.script = answer;
    http = new HttpClient();
  });
  afterEach(async () => {
    await http.close();
    await druid[Symbol.asyncDispose]();
  });

  function answer({ method, path, body }: ScriptedRequest): Answer | undefined {
    const [, action] = /^\/druid\/indexer\/v1\/supervisor([^?]*)/.exec(path) ?? [];
    if (action === undefined) return undefined;
    if (refusal !== undefined) return refusal;
    if (method === 'POST' && action === '') {
      stored = JSON.parse(body) as JsonObject;
      posts.push(stored);
      return { status: 200, body: { id: 'flights' } };
    }
    if (stored === undefined) return { status: 404, body: { error: '[flights] does not exist' } };
    if (action === '/flights') return { status: 200, body: stored };
    if (action === '/flights/status') return statuses.length > 1 ? statuses.shift() : statuses[0];
    if (action === '/flights/terminate') stored = undefined;
    else stored = { ...stored, suspended: action === '/flights/suspend' };
    return { status: 200, body: {} };
  }

  const patience = (): { clock: typeof systemClock; deadline: number } => ({
    clock: systemClock,
    deadline: Date.now(),
  });
  const overlord = (): OverlordClient => new OverlordClient(http, overlordUrls([druid.url]));
  const supervisor = (spec = config()): ManagedSupervisor =>
    new ManagedSupervisor(overlord(), spec, plan, silentLogger);
  const act = (action: SupervisorAction, within?: number): Promise<void> =>
    new Supervisors(overlord(), within).act('flights', action, patience());
  const withUser = (): DataSourceConfig['spec'] =>
    config(({ dataSchema }) => {
      dataSchema['metricsSpec'] = [{ type: 'count', name: 'count' }];
    });

  it('is created at the first event, and Druid is asked once however many come', async () => {
    const own = supervisor();
    expect(await Promise.all([own.ensure(patience()), own.ensure(patience())])).toEqual(['created', 'created']);
    expect(posts).toHaveLength(1);
    expect(druid.count(/supervisor/)).toBe(2);
  });

  it('is not posted where nothing would change, by another process either', async () => {
    await supervisor().ensure(patience());
    expect(await supervisor().ensure(patience())).toBe('unchanged');
    expect(posts).toHaveLength(1);
  });

  it('is posted when the schema changes, and stays suspended if it was', async () => {
    await supervisor().ensure(patience());
    await act('suspend');
    expect(await supervisor(withUser()).ensure(patience())).toBe('updated');
    expect(posts[1]).toMatchObject({ suspended: true });
    await act('resume');
    expect(stored).toMatchObject({ suspended: false });
  });

  const begun = told({ detailedState: 'RUNNING', activeTasks: [{ id: 'a', startTime: '2030-01-01T00:00:00Z' }] });
  const starting = told({ detailedState: 'RUNNING', activeTasks: [{ id: 'a', startTime: null }] });

  it.each<[string, () => Promise<unknown>]>([
    ['a new schema', () => supervisor(withUser()).ensure(patience())],
    ['a suspension', () => act('suspend')],
    ['a termination', () => act('terminate')],
    ['its parking', () => supervisor().park(patience())],
  ])('has all of its tasks when %s comes: Druid leaves to themselves those that have not begun', async (_, change) => {
    await supervisor().ensure(patience());
    statuses = [told({ detailedState: 'CREATING_TASKS' }), starting, starting, begun];
    const asked = druid.count(/status$/);
    await change();
    expect(druid.count(/status$/) - asked).toBe(4);
    expect(druid.requests.at(-1)).toMatch(/^POST /);
  });

  it('is ended when it knows all tasks that run: nobody else would tell them to publish', async () => {
    await supervisor().ensure(patience());
    const before = druid.script;
    const id = 'index_kafka_flights_b';
    druid.script = (request) =>
      request.path.startsWith('/druid/indexer/v1/tasks')
        ? { status: 200, body: [{ id, statusCode: 'RUNNING', runnerStatusCode: 'RUNNING' }] }
        : before(request);
    const publishing = told({ activeTasks: [], publishingTasks: [{ id }] });
    statuses = [begun, begun, publishing];
    const asked = druid.count(/status$/);
    await act('terminate');
    expect(druid.count(/status$/) - asked).toBe(3);
    expect(stored).toBeUndefined();
  });

  it('is suspended though a task gets no slot, or it cannot tell its status', async () => {
    await supervisor().ensure(patience());
    statuses = [starting];
    await act('suspend', 300);
    expect(stored).toMatchObject({ suspended: true });
    await act('resume');
    statuses = [{ status: 500, body: { error: 'a task is unknown' } }];
    await new Supervisors(overlord()).act('flights', 'suspend', { clock: systemClock, deadline: Infinity });
    expect(stored).toMatchObject({ suspended: true });
  });

  it.each([
    [
      'of another tool',
      {
        type: 'kafka',
        spec: { ioConfig: { topic: 'flights', consumerProperties: { 'bootstrap.servers': 'kafka:9092' } } },
      },
    ],
    [
      'for another topic',
      { type: 'kafka', context: { 'tranquility.spec': 'x' }, spec: { ioConfig: { topic: 'other' } } },
    ],
    ['of another kind', { type: 'kinesis', spec: { ioConfig: { stream: 'flights' } } }],
  ])('%s is never replaced', async (_, existing) => {
    stored = existing;
    await expect(supervisor().ensure(patience())).rejects.toMatchObject({
      code: 'TRQ_SUPERVISOR_CONFLICT',
      message: expect.stringMatching(
        /flights has a supervisor that is not ours, or reads from another process or another journal of ours \(type "\w+", stream "\w+", servers .*Nothing was changed\.$/,
      ) as string,
    });
    expect(posts).toHaveLength(0);
  });

  it('needs the extension, and says so; then a later event tries again', async () => {
    const own = supervisor();
    druid.script = (request) =>
      request.method === 'POST' && request.path.includes('/supervisor?')
        ? { status: 400, body: { error: "Could not resolve type id 'kafka' as a subtype of `SupervisorSpec`" } }
        : answer(request);
    await expect(own.ensure(patience())).rejects.toMatchObject({
      code: 'TRQ_EXTENSION_MISSING',
      message: expect.stringContaining('Add "druid-kafka-indexing-service" to druid.extensions.loadList') as string,
    });
    druid.script = answer;
    expect(await own.ensure(patience())).toBe('created');
  });

  it('is refused in Druid’s words', async () => {
    refusal = { status: 400, body: { error: 'no such aggregator' } };
    await expect(supervisor().ensure(patience())).rejects.toMatchObject({
      code: 'TRQ_OVERLORD_REFUSED',
      message: expect.stringContaining('no such aggregator') as string,
    });
  });

  it('can only be suspended where there is one', async () => {
    const own = supervisor();
    await expect(act('suspend')).rejects.toMatchObject({ code: 'TRQ_SUPERVISOR_UNKNOWN' });
    expect(await own.status(patience())).toBeUndefined();
    await own.ensure(patience());
    await act('terminate');
    own.forget();
    expect(await own.ensure(patience())).toBe('created');
  });
});

const told = (payload: Readonly<Record<string, unknown>>): Answer => ({ status: 200, body: { payload } });

describe('the status of a supervisor', () => {
  it('has of each partition how far it is read, and the oldest offset that may be asked for again', () => {
    const status = readSupervisorStatus({
      ...{ state: 'RUNNING', detailedState: 'RUNNING', healthy: true },
      activeTasks: [
        { id: 'a', startingOffsets: { 0: 50 }, currentOffsets: { 0: 70 } },
        { id: 'a-replica', startingOffsets: { 0: 50 }, currentOffsets: { 0: 60 } },
        { id: 'b', startingOffsets: { 1: 5 }, currentOffsets: {} },
      ],
      publishingTasks: [{ id: 'c', startingOffsets: { 0: 20 }, currentOffsets: { 0: 50 } }],
      minimumLag: { 0: 7 },
      recentErrors: [{ exceptionClass: 'E', message: 'm', timestamp: 't' }],
    });
    expect(status).toEqual({
      ...{ state: 'RUNNING', detailedState: 'RUNNING', healthy: true },
      tasks: ['a', 'a-replica', 'b', 'c'],
      currentOffsets: new Map([[0, 70]]),
      lag: new Map([[0, 7]]),
      oldestNeeded: new Map([
        [0, 20],
        [1, 5],
      ]),
      errors: ['E: m'],
    });
  });

  it('is as little as Druid gives', () => {
    expect(readSupervisorStatus({})).toEqual({
      ...{ state: 'unknown', detailedState: 'unknown', healthy: false, tasks: [], errors: [] },
      ...{ currentOffsets: new Map(), lag: new Map(), oldestNeeded: new Map() },
    });
  });
});

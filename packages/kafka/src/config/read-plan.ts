import { readPlan, type Plan } from '@tranquility-js/connect';
import { nearest, readTable, show, type Cursor, type ValuesOf } from '@tranquility-js/core/internal';
import { aliases, clientProperties, withoutEffect } from './client-properties.js';
import type { KafkaHooks } from './client-config.js';
import { readJaas } from './jaas.js';
import { checkRegistry } from './check-registry.js';
import { topicProperties, type TopicProperties } from './topic-properties.js';

/** The effective properties of the client, and of the connector as a whole. */
export type ClientValues = ValuesOf<typeof clientProperties> & {
  readonly 'kafka.bootstrap.servers': readonly string[];
};

/** All that a config file says of the connector, checked. */
export type KafkaPlan = Plan<ClientValues, TopicProperties>;

const noBrokers =
  'Say where Kafka’s brokers are: set the property kafka.bootstrap.servers, such as "kafka1:9092,kafka2:9092".';

/**
 * Reads a Tranquility config for Kafka.
 * @param given the path of the file, or an object of the same form.
 * @param overrides properties that win over those of the config, by name.
 * @param hooks what is given in code, and need not be in the config.
 * @throws TRQ_CONFIG_UNREADABLE, TRQ_CONFIG_SYNTAX, or TRQ_CONFIG_INVALID with every problem in it.
 */
export const readKafkaPlan = (
  given: string | object,
  overrides: Readonly<Record<string, unknown>> = {},
  hooks: KafkaHooks = {},
): Promise<KafkaPlan> =>
  readPlan(
    {
      ...{ noun: 'topic', table: topicProperties, check: checkRegistry },
      readClient: (values, layers) => readClient(values, layers, hooks),
    },
    given,
    overrides,
  );

function readClient(given: Map<string, Cursor>, layers: readonly Cursor[], { sasl }: KafkaHooks): ClientValues {
  for (const [name, cursor] of [...given]) {
    const meant = aliases[name];
    if (meant === undefined) continue;
    if (given.has(meant)) cursor.fail(`says the same as ${meant}. Keep one of them.`);
    else given.set(meant, cursor);
    given.delete(name);
  }
  for (const [name, cursor] of given) refuseUnknown(name, cursor);
  const values = readTable(clientProperties, given);
  if (given.get('kafka.bootstrap.servers')?.isAbsent !== false) {
    const old = given.get('kafka.zookeeper.connect');
    if (old === undefined) layers[0]?.fail(`has no brokers. ${noBrokers}`);
    else old.fail(`alone cannot name brokers, as it could in the time of ZooKeeper. ${noBrokers}`);
  }
  checkTimes(values, given);
  if (sasl === undefined) checkLogin(values, given);
  else checkHook(values, given.get('kafka.security.protocol') ?? layers[0]);
  return values as ClientValues;
}

function refuseUnknown(name: string, cursor: Cursor): void {
  if (!name.startsWith('kafka.') || name in clientProperties) return;
  const reason = withoutEffect[name];
  if (reason !== undefined) {
    cursor.problems.warn(cursor.path, reason);
    return;
  }
  const meant = nearest(name, [...Object.keys(clientProperties), ...Object.keys(aliases)]);
  cursor.fail(
    `has no equivalent in the client that is used here.${meant === undefined ? ' Remove it.' : ` Did you mean ${show(meant)}?`}`,
  );
}

function checkTimes(values: ValuesOf<typeof clientProperties>, given: ReadonlyMap<string, Cursor>): void {
  const wait = values['kafka.fetch.max.wait.ms'];
  if (wait > 500)
    given
      .get('kafka.fetch.max.wait.ms')
      ?.fail(`is ${wait}. It is at most 500, as signs of life are given between answers.`);
  if (values['kafka.heartbeat.interval.ms'] * 3 > values['kafka.session.timeout.ms']) {
    (given.get('kafka.heartbeat.interval.ms') ?? given.get('kafka.session.timeout.ms'))?.fail(
      'is wrong: kafka.heartbeat.interval.ms must be at most a third of kafka.session.timeout.ms.',
    );
  }
}

/** A value that is wrong is told already, and is not there. */
const protocolIn = (values: ValuesOf<typeof clientProperties>): string | undefined => values['kafka.security.protocol'];

function checkHook(values: ValuesOf<typeof clientProperties>, place: Cursor | undefined): void {
  const protocol = protocolIn(values);
  if (protocol === undefined || protocol.startsWith('SASL')) return;
  place?.fail(
    `and the option sasl do not go together: ${protocol} does not log in. Set kafka.security.protocol to SASL_SSL or SASL_PLAINTEXT.`,
  );
}

function checkLogin(values: ValuesOf<typeof clientProperties>, given: ReadonlyMap<string, Cursor>): void {
  const mechanism = values['kafka.sasl.mechanism'];
  const logsIn = protocolIn(values)?.startsWith('SASL') === true;
  if (logsIn && mechanism === undefined) {
    given.get('kafka.security.protocol')?.fail('logs in. Set kafka.sasl.mechanism too.');
  }
  if (mechanism !== undefined && !logsIn) {
    given
      .get('kafka.sasl.mechanism')
      ?.fail('is for SASL_PLAINTEXT and SASL_SSL. Set kafka.security.protocol to one of them.');
  }
  if (mechanism === 'OAUTHBEARER') checkTokens(values, given);
  if (mechanism === 'PLAIN' || mechanism?.startsWith('SCRAM') === true) checkPassword(values, given);
}

function checkTokens(values: ValuesOf<typeof clientProperties>, given: ReadonlyMap<string, Cursor>): void {
  const names = ['token.endpoint.url', 'client.id', 'client.secret'] as const;
  const missing = names
    .map((name) => `kafka.sasl.oauthbearer.${name}` as const)
    .filter((name) => values[name] === undefined);
  if (missing.length === 0) return;
  given
    .get('kafka.sasl.mechanism')
    ?.fail(`is OAUTHBEARER. Set ${missing.join(' and ')}, or give a mechanism in code in its place.`);
}

function checkPassword(values: ValuesOf<typeof clientProperties>, given: ReadonlyMap<string, Cursor>): void {
  const jaas = values['kafka.sasl.jaas.config'];
  if (jaas !== undefined) {
    if (readJaas(jaas.reveal()) === undefined) {
      given
        .get('kafka.sasl.jaas.config')
        ?.fail(
          'has no username and password of a PlainLoginModule or ScramLoginModule. Set kafka.sasl.username and kafka.sasl.password instead.',
        );
    }
    return;
  }
  if (values['kafka.sasl.username'] === undefined || values['kafka.sasl.password'] === undefined) {
    given.get('kafka.sasl.mechanism')?.fail('wants kafka.sasl.username and kafka.sasl.password.');
  }
}

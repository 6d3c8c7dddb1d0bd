import type { JsonObject } from '../spec/json.js';
import { serverText } from '../config/connect-string.js';
import type { Secret } from '../config/secret.js';
import type { SaslMechanism } from './sasl.js';
import type { EndpointNode } from './topics.js';

/** How Druid's readers reach the endpoint, and show who they are. */
export interface ReaderAccess {
  readonly nodes: readonly EndpointNode[];
  /** Whether the nodes speak TLS. Whom Druid trusts, and its own certificate, are said in `properties`. */
  readonly tls: boolean;
  readonly sasl?: { readonly mechanism: SaslMechanism; readonly user: string; readonly password: Secret };
  /** More properties of Kafka's consumer, which win: `ssl.truststore.location`, or a password provider of Druid's. */
  readonly properties?: JsonObject;
}

/**
 * How long Druid waits for an endpoint that does not answer, in milliseconds. Kafka's own minute holds up whoever ends or changes that
 * supervisor, and with it those of all other dataSources: the overlord of Druid 33 does one after the other.
 */
const patienceWithUs = '15000';

/** The `consumerProperties` of a supervisor. Whoever may read the supervisor's spec reads them too. */
export function consumerProperties({ nodes, tls, sasl, properties }: ReaderAccess): JsonObject {
  const protocol = `${sasl === undefined ? '' : 'SASL_'}${tls ? 'SSL' : 'PLAINTEXT'}`;
  return {
    'bootstrap.servers': nodes.map(serverText).join(','),
    'default.api.timeout.ms': patienceWithUs,
    ...(protocol === 'PLAINTEXT' ? {} : { 'security.protocol': protocol }),
    ...(sasl === undefined
      ? {}
      : {
          'sasl.mechanism': sasl.mechanism,
          'sasl.jaas.config': jaas(sasl.mechanism, sasl.user, sasl.password.reveal()),
        }),
    ...properties,
  };
}

function jaas(mechanism: SaslMechanism, user: string, password: string): string {
  const module = mechanism === 'PLAIN' ? 'plain.PlainLoginModule' : 'scram.ScramLoginModule';
  const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
  return `org.apache.kafka.common.security.${module} required username=${quoted(user)} password=${quoted(password)};`;
}

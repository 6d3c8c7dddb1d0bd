import type { ClientValues } from './read-plan.js';
import type { TopicProperties } from './topic-properties.js';

/** What becomes of records is for Druid to say where it reads itself. */
const ofOutcomes = [
  'deadLetter.topic',
  'onDrop',
  'onUnparseable',
  'reportDropsAsExceptions',
  'reportParseExceptions',
] as const;

/** The properties of a dataSource that are set, and have no effect where Druid reads its topic itself. */
export const unsupervised = (properties: TopicProperties): string[] =>
  ofOutcomes.filter((name) => properties[name] !== undefined && properties[name] !== false);

/** What is said of the client, and cannot be handed to Druid. */
export function unsupervisedClient(client: ClientValues): string[] {
  const hasOwnLogin = client['kafka.sasl.mechanism'] === 'OAUTHBEARER';
  return [
    ...(hasOwnLogin ? ['kafka.sasl.mechanism OAUTHBEARER'] : []),
    ...(client['kafka.ssl.keystore.location'] === undefined ? [] : ['kafka.ssl.keystore.location']),
  ];
}

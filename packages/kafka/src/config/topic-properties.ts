import { routeProperties, streamProperties } from '@tranquility-js/connect';
import { property, type PropertyKind, type ValuesOf } from '@tranquility-js/core/internal';
import { registryProperties } from './registry-properties.js';

const topic: PropertyKind<string> = {
  expected: 'the name of a topic: letters, digits, dots, dashes and underscores',
  read: (value) => (/^[\w.-]{1,249}$/.test(value) ? value : undefined),
};

/** What may be set for each dataSource, or for all. Names and defaults are Tranquility's where it has them. */
export const topicProperties = {
  ...routeProperties('topic'),
  'deadLetter.topic': property(topic, {
    description:
      'A topic for records that are dropped, with their key, headers and value, and the reason in further headers.',
  }),
  ...registryProperties,
  ...streamProperties,
} as const;

/** The effective properties of one dataSource that the connector knows. */
export type TopicProperties = ValuesOf<typeof topicProperties>;

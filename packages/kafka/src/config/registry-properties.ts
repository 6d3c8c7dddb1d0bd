import { file, property, secret, text, tls, type PropertyKind } from '@tranquility-js/core/internal';

const addresses: PropertyKind<readonly string[]> = {
  expected: 'a URL such as http://registry:8081, several separated by commas',
  read: (value) => {
    const urls = value.split(',').map((part) => part.trim());
    return urls.every((url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) ? urls : undefined;
  },
};

/** Where the schemas of a dataSource's messages come from. */
export const registryProperties = {
  'registry.url': property(addresses, {
    description:
      'Where a schema registry is, as Confluent’s speaks. When set, each message names its schema in its first bytes: Avro, Protobuf or JSON.',
  }),
  'registry.user': property(text, { description: 'The user for Basic authentication at the registry.' }),
  'registry.password': property(secret, { description: 'The password of registry.user.', secret: true }),
  'registry.token': property(secret, {
    description: 'A bearer token for the registry, in place of user and password.',
    secret: true,
  }),
  ...tls('registry.tls', 'the schema registry'),
  'avro.schemaPath': property(file, {
    description: 'A file with an Avro schema, for messages that are one record of it each, without naming it.',
  }),
} as const;

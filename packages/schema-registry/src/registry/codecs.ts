import { messageOf } from '@tranquility-js/core';
import { JsonDecoder } from '@tranquility-js/core/internal';
import type { Codec } from '../codec.js';
import type { RegisteredSchema } from './registered-schema.js';

/** Passes JSON on as it is, if it is one object. It is not checked against its schema: whoever wrote it has done that. */
const asItIs: Codec = {
  read(body) {
    const { events, refused } = new JsonDecoder().decode(body);
    const [event] = events;
    if (refused[0] !== undefined) throw new Error(refused[0].reason);
    if (event === undefined || events.length > 1) throw new Error('It is not one object of JSON.');
    return body;
  },
};

/**
 * Makes the codec of a schema. The library of a language is loaded when the first schema in it comes.
 * @returns why there is none, in words for the user.
 */
export async function codecFor(registered: RegisteredSchema): Promise<Codec | string> {
  try {
    switch (registered.type) {
      case 'AVRO': {
        const { AvroCodec } = await import('../avro/avro-codec.js');
        return new AvroCodec(
          registered.schema,
          registered.references.map(({ schema }) => schema),
        );
      }
      case 'PROTOBUF': {
        const { ProtobufCodec } = await import('../protobuf/protobuf-codec.js');
        return new ProtobufCodec(registered);
      }
      case 'JSON':
        return asItIs;
    }
  } catch (error) {
    return `It cannot be used: ${messageOf(error)}`;
  }
}

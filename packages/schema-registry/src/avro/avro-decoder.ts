import { Buffer } from 'node:buffer';
import { TranquilityError, messageOf, type Decoded, type Decoder } from '@tranquility-js/core';
import { decodedOne, refusedWhole } from '../decoded.js';
import { AvroCodec } from './avro-codec.js';

/**
 * Decodes messages that are one Avro record each, without a header, by a schema that is given.
 * @param schema the schema that they are written with, as JSON.
 * @throws TRQ_CONFIG_INVALID with what is wrong with the schema.
 */
export function avroDecoder(schema: string): Decoder {
  let codec: AvroCodec;
  try {
    codec = new AvroCodec(schema);
  } catch (error) {
    throw new TranquilityError('TRQ_CONFIG_INVALID', `The Avro schema cannot be used: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return {
    decode(payload: Uint8Array): Decoded {
      const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
      try {
        return decodedOne(codec.read(bytes));
      } catch (error) {
        return refusedWhole(`The message cannot be read as Avro. ${messageOf(error)}`, bytes);
      }
    },
  };
}

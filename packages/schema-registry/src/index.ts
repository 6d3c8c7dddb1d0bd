export { avroDecoder } from './avro/avro-decoder.js';
export type { RegisteredSchema, SchemaType } from './registry/registered-schema.js';
export { RegistryDecoder } from './registry/registry-decoder.js';
export type { SchemaSource } from './registry/registry-decoder.js';
export { SchemaRegistry } from './registry/schema-registry.js';
export type { SchemaRegistryOptions } from './registry/schema-registry.js';

/** The languages of schemas that a registry knows. */
export type SchemaType = 'AVRO' | 'PROTOBUF' | 'JSON';

/** A schema as a registry has it. */
export interface RegisteredSchema {
  readonly type: SchemaType;
  readonly schema: string;
  /** What it refers to, with what those refer to: those first that others refer to. */
  readonly references: readonly { readonly name: string; readonly schema: string }[];
}

type Json = Readonly<Record<string, unknown>>;

/** The config of one dataSource alone, perhaps under another name. The config was checked before. */
export function configFor(source: unknown, dataSource: string, name: string): object {
  const { dataSources, properties } = source as { dataSources: Json | Json[]; properties?: unknown };
  const entries = Array.isArray(dataSources) ? dataSources : (Object.values(dataSources) as Json[]);
  const entry = entries.find((candidate) => schemaOf(candidate)['dataSource'] === dataSource) ?? {};
  const spec = { ...(entry['spec'] as Json), dataSchema: { ...schemaOf(entry), dataSource: name } };
  return { dataSources: [{ ...entry, spec }], ...(properties === undefined ? {} : { properties }) };
}

function schemaOf(entry: Json): Json {
  return (entry['spec'] as { dataSchema: Json }).dataSchema;
}

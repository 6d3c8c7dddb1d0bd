/** One kind of request of the Kafka protocol, in the versions that are spoken here. */
export interface Api {
  readonly key: number;
  readonly oldest: number;
  readonly newest: number;
  /** From this version on, strings and arrays are compact and structures end with tagged fields. */
  readonly flexibleFrom: number;
}

const never = Number.MAX_SAFE_INTEGER;

/** What is served. Metadata ends before topics have ids, so that no client asks for a Fetch beyond 12. */
export const apis = {
  fetch: { key: 1, oldest: 4, newest: 12, flexibleFrom: 12 },
  listOffsets: { key: 2, oldest: 1, newest: 7, flexibleFrom: 6 },
  metadata: { key: 3, oldest: 1, newest: 9, flexibleFrom: 9 },
  saslHandshake: { key: 17, oldest: 1, newest: 1, flexibleFrom: never },
  apiVersions: { key: 18, oldest: 0, newest: 3, flexibleFrom: 3 },
  saslAuthenticate: { key: 36, oldest: 0, newest: 2, flexibleFrom: 2 },
} as const satisfies Record<string, Api>;

export type ApiName = keyof typeof apis;

/** Listed though it is never served: Java clients up to 2.1, and librdkafka, take a broker without it for too old. */
export const produceAsListed: Api = { key: 0, oldest: 3, newest: 9, flexibleFrom: 9 };

const names = new Map<number, ApiName>(Object.entries(apis).map(([name, { key }]) => [key, name as ApiName]));

/** The name of what is served under a key. */
export const apiOf = (key: number): ApiName | undefined => names.get(key);

/** Tells where overlords may be found. Any of them leads to the one that leads. */
export interface OverlordAddresses {
  /** Where this looks, for messages. */
  readonly place: string;
  /** What a user should check when nothing is found. */
  readonly remedy: string;
  /** `http://host:port` of each, the likeliest leader first. */
  find(signal?: AbortSignal): Promise<readonly string[]>;
}

/** A fixed list of URLs. */
export function overlordUrls(urls: readonly string[]): OverlordAddresses {
  return {
    place: urls.join(', '),
    remedy: 'Check druid.overlord.urls, and that the overlord runs.',
    find: () => Promise.resolve(urls),
  };
}

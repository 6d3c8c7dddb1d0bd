/** Why a request is not done as it was asked: an HTTP status, and words for whoever asked. */
export class Problem extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** More lines, behind the first. */
  readonly more: readonly string[];

  /** @param message the first line of the answer; where Tranquility has the same case, in its words. */
  constructor(
    status: number,
    message: string,
    { more = [], headers = {} }: { readonly more?: readonly string[]; readonly headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.more = more;
    const comesBack = status === 503 || status === 429;
    this.headers = comesBack ? { 'retry-after': '5', ...headers } : headers;
  }
}

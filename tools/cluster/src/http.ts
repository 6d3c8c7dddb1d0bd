const timeoutMillis = 3_000;

/** The body of the answer, or undefined when there was no answer or not status 200. */
export async function tryGet(url: string): Promise<string | undefined> {
  return tryFetch(url, {});
}

/** The same for a POST of JSON. */
export async function tryPostJson(url: string, body: unknown): Promise<string | undefined> {
  return tryFetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function tryFetch(url: string, init: RequestInit): Promise<string | undefined> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMillis) });
    const text = await response.text();
    return response.status === 200 ? text : undefined;
  } catch {
    return undefined;
  }
}

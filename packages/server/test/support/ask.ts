import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The path of a file that tools/fixtures/certificates.sh has made. */
export const pathOf = (name: string): string =>
  fileURLToPath(new URL(`../../../core/test/fixtures/tls/${name}`, import.meta.url));

export const read = (name: string): Buffer => readFileSync(pathOf(name));

export async function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string; retryAfter: string | null }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text(), retryAfter: response.headers.get('retry-after') };
}

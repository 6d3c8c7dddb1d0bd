import type { HttpClient, HttpResponse } from '../transport/http-client.js';

const longest = 1_000;

/** An answer as an error message shows it: `400 {"error":"..."}`, cut to what a log line bears. */
export function describe(response: HttpResponse): string {
  const text = response.text.trim();
  if (text === '') return String(response.status);
  return `${response.status} ${text.length > longest ? `${text.slice(0, longest)}…` : text}`;
}

/** What to do about an answer that we may not: 401 is about who we are, 403 about our rights. */
export function rightsOf({ status }: HttpResponse, { credentials }: HttpClient): string {
  return status === 401 ? credentials : `${credentials} Check the user’s rights.`;
}

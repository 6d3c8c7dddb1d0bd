import { TranquilityError } from '@tranquility-js/core';
import type { ClientValues } from './read-plan.js';

/** Asks for tokens as OAuth 2 has it: the grant `client_credentials`, with Basic authentication. */
export function tokenSource(values: ClientValues): () => Promise<{ value: string }> {
  const url = values['kafka.sasl.oauthbearer.token.endpoint.url'] ?? '';
  const id = values['kafka.sasl.oauthbearer.client.id'] ?? '';
  const secret = values['kafka.sasl.oauthbearer.client.secret']?.reveal() ?? '';
  const scope = values['kafka.sasl.oauthbearer.scope'];
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) });
  const credentials = Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64');
  return async () => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: body.toString(),
      signal: AbortSignal.timeout(10_000),
    });
    const answer = response.ok ? ((await response.json()) as { access_token?: unknown }) : {};
    if (typeof answer.access_token === 'string') return { value: answer.access_token };
    throw new TranquilityError('TRQ_KAFKA_REFUSED', `${url} gave no token: it answered ${response.status}.`);
  };
}

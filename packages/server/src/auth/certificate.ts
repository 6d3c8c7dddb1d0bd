import type { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';

/** The fingerprint of the certificate that a client shows; empty for one that shows none. */
export function certificateOf({ socket }: FastifyRequest): string {
  const { getPeerCertificate } = socket as Partial<TLSSocket>;
  // What a client that shows none has is an empty object.
  const certificate = getPeerCertificate?.call(socket) as { readonly fingerprint256?: string } | undefined;
  return certificate?.fingerprint256 ?? '';
}

import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../post/problem.js';
import { refuse } from '../refuse.js';

/** The longest part of a path that is read as a name, in characters as they are when decoded. */
export const maxNameLength = 1024;

/** Answers a request whose path leads nowhere before it is known which route it means: no hook of the app has seen it. */
export function refuseUnroutable(error: { readonly code: string }, request: FastifyRequest, reply: FastifyReply): void {
  const problem =
    error.code === 'FST_ERR_MAX_PARAM_LENGTH'
      ? new Problem(414, 'The name in the URL is too long', { more: [`It may have ${maxNameLength} characters.`] })
      : new Problem(400, 'Malformed URL', {
          more: ['Names in it are percent-encoded UTF-8: % is followed by two hexadecimal digits.'],
        });
  void refuse(request, reply, problem);
}

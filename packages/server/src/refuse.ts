import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerProblem, takesJson } from './post/answer.js';
import type { Problem } from './post/problem.js';
import { leaveUnread } from './unread.js';

/** Answers a request that is not done, as text or, to who asks for that, as JSON. Its body is left unread. */
export function refuse(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  leaveUnread(request.raw, reply.raw);
  const { status, headers, body } = answerProblem(problem, { takesJson: takesJson(request.headers) });
  return reply.code(status).headers(headers).send(body);
}

const rejected = {
  type: 'object',
  required: ['index', 'reason', 'message'],
  properties: {
    index: { type: 'integer', description: 'The place of the event among all of the body, from 0.' },
    line: { type: 'integer' },
    byte: { type: 'integer' },
    reason: {
      type: 'string',
      description: 'unparseable, unserializable, late, early, overflow, refused, unrouted or failed.',
    },
    message: { type: 'string' },
  },
};

const taken = {
  received: { type: 'integer' },
  sent: { type: 'integer', description: 'With async=true always 0.' },
  dropped: {
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: 'By reason; absent when none was.',
  },
  rejected: { type: 'array', items: rejected, description: 'The first ten; absent when there is none.' },
};

const required = ['received', 'sent'];

const done = {
  type: 'object',
  required: ['result'],
  properties: { result: { type: 'object', required, properties: taken } },
};

const problem = {
  type: 'object',
  required: ['error'],
  properties: {
    error: { type: 'string', description: 'The first line of the text.' },
    details: { type: 'array', items: { type: 'string' }, description: 'More lines; absent when there is none.' },
    result: {
      type: 'object',
      description: 'What became of the events of a POST, where some may have been taken.',
      required,
      properties: {
        ...taken,
        failed: { type: 'integer', description: 'Those that Druid did not take; absent when there is none.' },
        underWay: {
          type: 'integer',
          description: 'Those without an outcome; they may still arrive. Absent when there is none.',
        },
      },
    },
  },
};

const text = {
  description: 'What is wrong; as JSON to who asks for that (Accept).',
  content: { 'text/plain': { schema: { type: 'string' } }, 'application/json': { schema: problem } },
};

const later = { ...text, headers: { 'Retry-After': { schema: { type: 'integer' } } } };

/** Of who may not see what a route tells. */
const guarded = { 401: text, 403: text, 429: later };

const flag = (name: string, description: string): object => ({
  name,
  in: 'query',
  description,
  schema: { type: 'string', enum: ['true', '1', 'yes', 'false', '0', 'no', ''] },
});

function post(summary: string, parameters: readonly object[], types: readonly string[]): object {
  return {
    summary,
    parameters: [
      ...parameters,
      flag('async', 'Answer when the events are taken, rather than when they are sent.'),
      flag('strict', 'Send none when one of them is bad.'),
      { name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 255 } },
      {
        name: 'Content-Encoding',
        in: 'header',
        schema: { type: 'string', enum: ['identity', 'gzip', 'x-gzip', 'deflate', 'br', 'zstd'] },
      },
    ],
    requestBody: { required: true, content: Object.fromEntries(types.map((type) => [type, {}])) },
    responses: {
      200: {
        description: 'What became of the events; in Smile to who has sent Smile.',
        content: { 'application/json': { schema: done }, 'application/x-jackson-smile': { schema: done } },
      },
      400: text,
      ...guarded,
      408: text,
      413: text,
      414: text,
      500: text,
      503: later,
    },
  };
}

const get = (summary: string, type: string, more: object = {}): object => ({
  get: { summary, responses: { 200: { description: summary, content: { [type]: {} } }, ...more } },
});

const types = ['application/json', 'application/x-ndjson', 'application/ndjson', 'application/x-jackson-smile'];

const notReady = {
  ...later,
  description: 'Why not.',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['status', 'reasons'],
        properties: { status: { const: 'not ready' }, reasons: { type: 'array', items: { type: 'string' } } },
      },
    },
  },
};

/** What the server does, as OpenAPI 3.1 says it. */
export const openApi = {
  openapi: '3.1.0',
  info: { title: 'Tranquility JS', description: 'Push to Apache Druid with a POST.', version: '1' },
  paths: {
    '/v1/post': { post: post('Events that name their dataSource, in a field dataSource or feed', [], types) },
    '/v1/post/{dataSource}': {
      post: post(
        'Events to a dataSource',
        [{ name: 'dataSource', in: 'path', required: true, schema: { type: 'string' } }],
        [...types, 'text/plain'],
      ),
    },
    '/health': get('Whether the process lives', 'application/json'),
    '/ready': get('Whether it can take events now', 'application/json', { 503: notReady }),
    '/metrics': get('For Prometheus', 'text/plain', guarded),
    '/v1/status': get('DataSources, their counters, rates and tasks', 'application/json', guarded),
    '/v1/live': get(
      'Counters, times, and the last events that were not sent; Druid is not asked',
      'application/json',
      guarded,
    ),
    '/v1/openapi.json': get('This', 'application/json', guarded),
  },
};

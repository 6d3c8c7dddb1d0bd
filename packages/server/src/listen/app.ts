import type { Server as HttpServer, ServerResponse } from 'node:http';
import type { Http2SecureServer } from 'node:http2';
import { fastify, type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { TranquilityError } from '@tranquility-js/core';
import { readServerTls, timerMillis } from '@tranquility-js/core/internal';
import { idleMillisOf } from '../idle-time.js';
import type { ServerProperties } from '../properties.js';
import { cutOff } from './cut-off.js';
import { endIdleSessions } from './idle-sessions.js';
import { maxNameLength, refuseUnroutable } from './unroutable.js';

/** The most bytes of a request's headers: Tranquility's limit, and twice as much. */
const maxHeaderSize = 16_384;

/** How often connections are looked at that are too slow with their headers, in milliseconds. */
const lookMillis = 2000;

/** How many requests a connection of HTTP/2 may have under way: what the RFC recommends at least. */
const mostStreams = 100;

/** How long a client may take to read any of its answer, beyond http.answerTimeout, in milliseconds. */
const graceMillis = 500;

const common = {
  // A client may begin a body before it knows whether it is wanted; what is too slow is seen to where bodies are read.
  requestTimeout: 0,
  // Requests that come while we stop are told so in our words.
  return503OnClosing: false,
  forceCloseConnections: 'idle' as const,
  exposeHeadRoutes: true,
  routerOptions: { maxParamLength: maxNameLength },
};

/** What is the same for HTTP and HTTPS. */
function commonOf(properties: ServerProperties) {
  const refuseInTime = (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    limitAnswer(reply.raw, properties);
    refuseUnroutable(error, request, reply);
  };
  return {
    ...common,
    ...timesOf(properties),
    // By their types requests of HTTP/2 are others; here they are used alike.
    frameworkErrors: refuseInTime as never,
  };
}

/** An app that speaks HTTP. */
export function httpApp(properties: ServerProperties): FastifyInstance {
  return limited(fastify({ ...commonOf(properties), http: httpOptions(properties) }), properties);
}

/**
 * An app that speaks HTTPS, and HTTP/2 where it is to.
 * @throws TRQ_CONFIG_INVALID for files that are missing or broken.
 */
export async function httpsApp(properties: ServerProperties, now: number): Promise<FastifyInstance> {
  const material = await readServerTls('https', properties, now);
  if (material === undefined) {
    throw invalid(
      'https.port.enable is true, but there is no certificate. Set https.certPath and https.keyPath, or https.keyStorePath.',
    );
  }
  const asksClients = properties['https.clientAuth'] === 'required';
  if (asksClients && material.authorities === undefined) {
    throw invalid(
      'https.clientAuth is "required", but nobody vouches for clients. Set https.caPath or https.trustStorePath.',
    );
  }
  const ciphers = properties['https.ciphers'];
  const tls = {
    cert: material.chain,
    key: material.key.export({ type: 'pkcs8', format: 'pem' }),
    minVersion: properties['https.protocol'],
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(asksClients ? { ca: [...(material.authorities ?? [])], requestCert: true, rejectUnauthorized: true } : {}),
  };
  try {
    const app = properties['https.http2']
      ? fastify({
          ...commonOf(properties),
          http2: true,
          http2SessionTimeout: timesOf(properties).keepAliveTimeout,
          https: { ...tls, allowHTTP1: true, settings: { maxConcurrentStreams: mostStreams } },
        })
      : fastify({ ...commonOf(properties), https: { ...httpOptions(properties), ...tls } });
    if (properties['https.http2']) endIdleSessions(app.server as Http2SecureServer);
    return limited(app as unknown as FastifyInstance, properties);
  } catch (error) {
    throw invalid(`TLS cannot be set up: ${(error as Error).message}. Look at https.ciphers and the certificate.`);
  }
}

function invalid(message: string): TranquilityError {
  return new TranquilityError('TRQ_CONFIG_INVALID', message);
}

function httpOptions(properties: ServerProperties) {
  return {
    maxHeaderSize,
    headersTimeout: properties['http.headersTimeout'].millis,
    connectionsCheckingInterval: lookMillis,
  };
}

function timesOf(properties: ServerProperties) {
  return { keepAliveTimeout: idleMillisOf(properties) };
}

/** Cuts off a client that does not read what it is answered. */
function limitAnswer(response: ServerResponse, properties: ServerProperties): void {
  response.setTimeout(timerMillis(properties['http.answerTimeout'].millis + graceMillis), () => cutOff(response.req));
}

function limited(app: FastifyInstance, properties: ServerProperties): FastifyInstance {
  const server = app.server as unknown as HttpServer | Http2SecureServer;
  server.maxConnections = properties['http.maxConnections'];
  // What speaks HTTP/1.1 beside HTTP/2 does not take these as options.
  Object.assign(server, {
    ...httpOptions(properties),
    ...timesOf(properties),
    requestTimeout: common.requestTimeout,
  });
  // Only from the answer on: a POST may wait for Druid several times.
  app.addHook('onSend', (_, { raw }, _payload, done) => {
    limitAnswer(raw, properties);
    done();
  });
  return app;
}

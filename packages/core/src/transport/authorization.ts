import { readFile, stat } from 'node:fs/promises';
import type { PropertyValues } from '../config/properties.js';
import { isHeaderName, isHeaderText } from '../config/header-names.js';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import { orAborted } from '../time/or-aborted.js';

/** A request as `authorize` sees it. */
export interface OutgoingRequest {
  readonly method: 'GET' | 'POST';
  /** Scheme, host and port of the server: `https://overlord:8290`. */
  readonly origin: string;
  readonly path: string;
}

/** Gives headers for a request: signatures, tokens that change. */
export type Authorize = (
  request: OutgoingRequest,
) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;

/** How we show Druid who we are. */
export interface Authorization {
  /** What is sent and what to check, for errors; never what it is made of. */
  readonly description: string;
  headersFor(request: OutgoingRequest, signal?: AbortSignal): Promise<Readonly<Record<string, string>>>;
}

type Headers = Readonly<Record<string, string>>;

/** One way of showing who we are: what it is called in errors, and its headers. */
interface Scheme {
  readonly name: string;
  headers(request: OutgoingRequest, signal?: AbortSignal): Promise<Headers>;
}

/** Sends nothing. */
export const anonymous: Authorization = {
  description:
    'We sent no credentials. Set druidBeam.basicAuthUser and druidBeam.basicAuthPass, or druidBeam.bearerToken.',
  headersFor: () => Promise.resolve({}),
};

/**
 * What the properties ask for, and the hook beside it, whose headers win.
 * @throws TRQ_CONFIG_INVALID for a token file that cannot be read, or a token that cannot be sent.
 */
export async function authorizationOf(properties: PropertyValues, authorize?: Authorize): Promise<Authorization> {
  const schemes = [
    customHeaders(properties),
    basic(properties) ?? bearer(properties) ?? (await bearerFile(properties)),
    hook(authorize),
  ].filter((scheme) => scheme !== undefined);
  if (schemes.length === 0) return anonymous;
  return {
    description: `We sent ${schemes.map(({ name }) => name).join(', and ')}.`,
    async headersFor(request, signal) {
      const all = await Promise.all(schemes.map((scheme) => scheme.headers(request, signal)));
      return Object.assign({}, ...all) as Headers;
    },
  };
}

function customHeaders(properties: PropertyValues): Scheme | undefined {
  const headers = properties['druidBeam.headers']?.reveal();
  return headers === undefined
    ? undefined
    : { name: 'the headers of druidBeam.headers', headers: () => Promise.resolve(headers) };
}

function basic(properties: PropertyValues): Scheme | undefined {
  const user = properties['druidBeam.basicAuthUser'] ?? '';
  const password = properties['druidBeam.basicAuthPass']?.reveal() ?? '';
  if (user === '' && password === '') return undefined;
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return {
    name: `the user ${JSON.stringify(user)} with a password (Basic). Check druidBeam.basicAuthUser and druidBeam.basicAuthPass`,
    headers: () => Promise.resolve({ authorization }),
  };
}

function bearer(properties: PropertyValues): Scheme | undefined {
  const token = properties['druidBeam.bearerToken']?.reveal();
  if (token === undefined) return undefined;
  const headers = bearerHeaders(token, 'druidBeam.bearerToken');
  return { name: 'a bearer token. Check druidBeam.bearerToken', headers: () => Promise.resolve(headers) };
}

async function bearerFile(properties: PropertyValues): Promise<Scheme | undefined> {
  const path = properties['druidBeam.bearerTokenPath'];
  if (path === undefined) return undefined;
  const place = `druidBeam.bearerTokenPath: the file ${path}`;
  const read = async (): Promise<Headers> => bearerHeaders((await readFile(path, 'utf8')).trim(), place);
  let seen: string;
  let headers: Headers;
  try {
    seen = await stateOf(path);
    headers = await read();
  } catch (error) {
    if (error instanceof TranquilityError) throw error;
    throw new TranquilityError('TRQ_CONFIG_INVALID', `${place} cannot be read: ${messageOf(error)}.`, {
      cause: error,
      details: { property: 'druidBeam.bearerTokenPath', path },
    });
  }
  return {
    name: `the bearer token of ${path}. Check druidBeam.bearerTokenPath`,
    async headers() {
      try {
        const state = await stateOf(path);
        if (state !== seen) headers = await read();
        seen = state;
      } catch {
        // Whoever writes the file may be at it. The token that we have may still be good, and Druid says so when it is not.
      }
      return headers;
    },
  };
}

/** Changes whenever the file does. */
async function stateOf(path: string): Promise<string> {
  const { ino, size, mtimeMs } = await stat(path);
  return `${ino} ${size} ${mtimeMs}`;
}

function bearerHeaders(token: string, place: string): Headers {
  if (/^[\w.~+/=-]+$/.test(token)) return { authorization: `Bearer ${token}` };
  throw new TranquilityError('TRQ_CONFIG_INVALID', `${place} has no token in it, or one with characters of none.`);
}

/** How long the hook may take, in milliseconds. */
const hookTimeout = 15_000;

function hook(authorize: Authorize | undefined): Scheme | undefined {
  if (authorize === undefined) return undefined;
  return {
    name: 'what the function "authorize" gave',
    async headers(request, signal) {
      const given = Object.entries(await callHook(authorize, request, signal));
      for (const [name, value] of given) {
        if (isHeaderName(name.toLowerCase()) && typeof value === 'string' && isHeaderText(value)) continue;
        throw new TranquilityError(
          'TRQ_CONFIG_INVALID',
          `The function "authorize" gave the header ${JSON.stringify(name)}, whose name or text cannot be sent, or which is ours.`,
        );
      }
      return Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), value as string]));
    },
  };
}

/** Throws an error that is tried again: who gives tokens may be away for a moment. */
async function callHook(authorize: Authorize, request: OutgoingRequest, signal?: AbortSignal): Promise<object> {
  const timeout = AbortSignal.timeout(hookTimeout);
  const limit = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  try {
    return await orAborted(Promise.resolve(authorize(request)), limit);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new Error(`the function "authorize" failed: ${messageOf(error)}`, { cause: error });
  }
}

/** A text of the server's without the credentials that it was sent, should it repeat them. */
export function withoutCredentials(text: string, headers: Headers): string {
  return Object.values(headers)
    .flatMap((value) => [value, value.split(' ').at(-1) ?? ''])
    .filter((value) => value.length >= shortestCredential)
    .reduce((hidden, value) => hidden.replaceAll(value, '[secret]'), text);
}

/** Shorter texts stand in answers by chance. */
const shortestCredential = 8;

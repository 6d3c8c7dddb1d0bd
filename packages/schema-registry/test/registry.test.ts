import { errorCodes, TranquilityError } from '@tranquility-js/core';
import avro from 'avsc';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { afterEach, describe, expect, it } from 'vitest';
import { RegistryDecoder } from '../src/registry/registry-decoder.js';
import { SchemaRegistry, type SchemaRegistryOptions } from '../src/registry/schema-registry.js';
import { framed, RegistryServer } from './support/registry-server.js';

const click = { type: 'record', name: 'Click', fields: [{ name: 'page', type: 'string' }] };
const clickBytes = avro.Type.forSchema(click as avro.Schema).toBuffer({ page: '/home' });

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function started(options: Partial<SchemaRegistryOptions> = {}, authorization?: string) {
  const server = new RegistryServer(authorization);
  const url = await server.start();
  const registry = new SchemaRegistry({ urls: url, retryMillis: 50, ...options });
  closing.push(
    () => registry.close(),
    () => server.stop(),
  );
  const time = { now: 0 };
  const decoder = new RegistryDecoder(registry, () => time.now);
  const decode = async (bytes: Uint8Array): Promise<unknown> => {
    await decoder.prepare(bytes);
    const { events, refused } = decoder.decode(bytes);
    const [event] = events;
    if (refused[0] !== undefined) return refused[0].reason;
    return event instanceof Uint8Array ? Buffer.from(event).toString() : event;
  };
  return { server, url, registry, decoder, decode, time };
}

describe('a message that names its schema', () => {
  it('is read with it, and the registry is asked once', async () => {
    const { server, decoder, decode } = await started();
    const id = server.register('click-value', { schema: JSON.stringify(click) });
    const message = framed(id, clickBytes);
    await Promise.all([decoder.prepare(message), decoder.prepare(message)]);
    expect(decoder.prepare(message)).toBeUndefined();
    expect(await decode(message)).toEqual({ page: '/home' });
    expect(server.asked).toBe(1);
  });

  it('of Avro may refer to types of other subjects', async () => {
    const { server, decode } = await started();
    const place = { type: 'record', name: 'geo.Place', fields: [{ name: 'city', type: 'string' }] };
    const visit = { type: 'record', name: 'Visit', fields: [{ name: 'at', type: 'geo.Place' }] };
    server.register('geo/place', { schema: JSON.stringify(place) });
    const id = server.register('visit', {
      schema: JSON.stringify(visit),
      references: [{ name: 'geo.Place', subject: 'geo/place', version: 1 }],
    });
    expect(await decode(framed(id, Buffer.from([8, 66, 101, 114, 110])))).toEqual({ at: { city: 'Bern' } });
  });

  it('of JSON passes as it is', async () => {
    const { server, decode } = await started();
    const id = server.register('json', { schema: '{"type":"object"}', schemaType: 'JSON' });
    expect(await decode(framed(id, Buffer.from('{"n":1.50}')))).toBe('{"n":1.50}');
    expect(await decode(framed(id, Buffer.from('{"n":')))).toMatch(/does not end before the input does/);
  });

  it('of an id that the registry does not have is refused with the id, and asked for again after a minute', async () => {
    const { server, decode, time } = await started();
    expect(await decode(framed(1, clickBytes))).toBe('The schema 1 of the message: The registry does not have it.');
    await decode(framed(1, clickBytes));
    expect(server.asked).toBe(1);
    server.register('click-value', { schema: JSON.stringify(click) });
    time.now = 60_000;
    expect(await decode(framed(1, clickBytes))).toEqual({ page: '/home' });
  });

  it('of a schema that cannot be used is refused with the reason', async () => {
    const { server, decode } = await started();
    const broken = server.register('broken', { schema: '{"type":"record","name":"R"}' });
    const proto = server.register('proto', { schema: 'message {', schemaType: 'PROTOBUF' });
    expect(await decode(framed(broken, clickBytes))).toMatch(
      /The schema 1 .* cannot be used: The record R has no fields/,
    );
    expect(await decode(framed(proto, clickBytes))).toMatch(/The schema 2 .* cannot be used: .*illegal/);
  });

  it.each([
    ['refers to one that is gone', 'AVRO', '/subjects/gone/versions/1, which the registry does not have'],
    ['is of another type', 'XML', 'is of the type "XML", which is not known'],
  ])('of a schema that %s is refused, and asked for again after a minute', async (_, schemaType, reason) => {
    const { server, decode, time } = await started();
    const references = [{ name: 'Gone', subject: 'gone', version: 1 }];
    const id = server.register('click', { schema: JSON.stringify(click), schemaType, references });
    for (let turn = 0; turn < 2; turn++) expect(await decode(framed(id, clickBytes))).toContain(reason);
    expect(server.asked).toBe(1);
    time.now = 60_000;
    expect(await decode(framed(id, clickBytes))).toContain('The schema 1 of the message: It cannot be used: It ');
    expect(server.asked).toBe(2);
  });

  it('of a schema that refers to too many others is refused', async () => {
    const { server, decode } = await started();
    const references = Array.from({ length: 201 }, (_, at) => ({ name: `R${at}`, subject: 'place', version: 1 }));
    server.register('place', { schema: '"string"' });
    const id = server.register('click', { schema: JSON.stringify(click), references });
    expect(await decode(framed(id, clickBytes))).toMatch(/cannot be used: It refers to more than 200 others/);
  });

  it('of JSON is read, whatever its schema refers to', async () => {
    const { server, decode } = await started();
    const references = [{ name: 'gone.json', subject: 'gone', version: 1 }];
    const id = server.register('json', { schema: '{}', schemaType: 'JSON', references });
    expect(await decode(framed(id, Buffer.from('{"n":1}')))).toBe('{"n":1}');
  });

  it('without the header is refused', async () => {
    const { decode } = await started();
    expect(await decode(Buffer.from('{"a":1}'))).toMatch(/begins with the byte 123, not with 0/);
    expect(await decode(Buffer.alloc(3))).toMatch(/has 3 bytes, fewer than the 5/);
  });

  it('with an id that is none is refused, and the registry is not asked', async () => {
    const { server, decode } = await started();
    server.missing = '{"error_code":404,"message":"HTTP 404 Not Found"}';
    expect(await decode(framed(0x80000000, clickBytes))).toMatch(/names the schema 2147483648, and no id is greater/);
    server.missing = undefined;
    expect(await decode(framed(0x7fffffff, clickBytes))).toMatch(/does not have it/);
    expect(server.asked).toBe(1);
  });
});

describe('a registry', () => {
  it('that is away gives an error that may be tried again, and schemas that are known go on', async () => {
    const { server, decoder, decode } = await started();
    const id = server.register('click-value', { schema: JSON.stringify(click) });
    await decode(framed(id, clickBytes));
    server.failure = 503;
    await expect(decoder.prepare(framed(9, clickBytes))).rejects.toMatchObject({
      code: 'TRQ_REGISTRY_UNREACHABLE',
      retryable: true,
      message: expect.stringContaining('answered 503') as string,
    });
    expect(await decode(framed(id, clickBytes))).toEqual({ page: '/home' });
    server.failure = undefined;
    expect(await decode(framed(9, clickBytes))).toMatch(/does not have it/);
  });

  it.each([
    ['a server with another thing at its path', 'default backend - 404'],
    ['a registry under another path', '{"error_code":404,"message":"HTTP 404 Not Found"}'],
    ['a server that says null', 'null'],
  ])('is not %s', async (_, body) => {
    const { server, url, decoder } = await started();
    server.missing = body;
    await expect(decoder.prepare(framed(9, clickBytes))).rejects.toMatchObject({
      code: 'TRQ_REGISTRY_REFUSED',
      message: expect.stringContaining(`${url}/schemas/ids/9 is no schema registry: status 404, `) as string,
    });
  });

  it.each([
    '{"error_code":40401,"message":"Subject not found."}',
    '{"error_code":404,"message":"No content with id 9 was found.","name":"ContentNotFoundException"}',
  ])('has no schema where it says %s', async (body) => {
    const { server, decode } = await started();
    server.missing = body;
    expect(await decode(framed(9, clickBytes))).toMatch(/does not have it/);
  });

  it('that is not there is told with its address', async () => {
    const { server, url, decoder } = await started();
    await server.stop();
    await expect(decoder.prepare(framed(1, clickBytes))).rejects.toThrow(`${url}/schemas/ids/1`);
  });

  it('is asked at the next address when one does not answer', async () => {
    const away = new RegistryServer();
    const gone = await away.start();
    await away.stop();
    const there = new RegistryServer();
    const url = await there.start();
    there.register('click-value', { schema: JSON.stringify(click) });
    const registry = new SchemaRegistry({ urls: `${gone}, ${url}/` });
    closing.push(
      () => registry.close(),
      () => there.stop(),
    );
    expect(await registry.schema(1)).toEqual({ type: 'AVRO', schema: JSON.stringify(click), references: [] });
  });

  it.each([
    ['basic', { user: 'u', password: 'p' }, 'Basic dTpw'],
    ['bearer', { token: 't' }, 'Bearer t'],
  ])('that wants %s credentials gets them', async (_, credentials, expected) => {
    const { server, decode } = await started({ credentials }, expected);
    const id = server.register('click-value', { schema: JSON.stringify(click) });
    expect(await decode(framed(id, clickBytes))).toEqual({ page: '/home' });
  });

  it('that does not take our credentials gives an error that nothing but a person mends', async () => {
    const { decoder } = await started({}, 'Bearer other');
    const error: unknown = await decoder.prepare(framed(1, clickBytes))?.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TranquilityError);
    expect(error).toMatchObject({ code: 'TRQ_REGISTRY_REFUSED', retryable: errorCodes.TRQ_REGISTRY_REFUSED.retryable });
    expect(String(error)).toContain('Check its credentials');
  });

  it('is spoken to with TLS, and its certificate is checked', async () => {
    const file = (name: string): Buffer =>
      readFileSync(new URL(`../../core/test/fixtures/tls/${name}`, import.meta.url));
    const server = new RegistryServer(undefined, { cert: file('server.pem'), key: file('server.key') });
    const url = await server.start();
    server.register('click-value', { schema: JSON.stringify(click) });
    const tls = { authorities: [file('authority.pem').toString()] };
    const [trusting, doubting] = [new SchemaRegistry({ urls: url, tls }), new SchemaRegistry({ urls: url })];
    closing.push(
      () => trusting.close(),
      () => doubting.close(),
      () => server.stop(),
    );
    expect(await trusting.schema(1)).toMatchObject({ type: 'AVRO' });
    await expect(doubting.schema(1)).rejects.toMatchObject({
      code: 'TRQ_TLS_FAILED',
      message: expect.stringContaining('registry.tls.caPath') as string,
    });
  });

  it('has an address that is a URL', () => {
    expect(() => new SchemaRegistry({ urls: 'registry:8081' })).toThrow(/"registry:8081"\. Give a URL/);
  });
});

const proto = `
  syntax = "proto3";
  package shop;
  import "google/protobuf/timestamp.proto";
  import "google/protobuf/wrappers.proto";
  import "google/protobuf/struct.proto";
  import "place.proto";
  message Other { string x = 1; }
  message Order {
    message Line { string sku = 1; int32 count = 2; }
    enum State { NEW = 0; PAID = 1; }
    int64 id = 1;
    State state = 2;
    repeated Line line_items = 3;
    map<string, double> prices = 4;
    google.protobuf.Timestamp at = 5;
    google.protobuf.StringValue note = 6;
    bytes raw = 7;
    optional int32 rank = 8;
    oneof way { string ship = 9; bool pickup = 10; }
    geo.Place place = 11;
    google.protobuf.Struct more = 12;
  }`;
const place = 'syntax = "proto3"; package geo; message Place { string city = 1; }';

describe('a message of Protobuf', () => {
  async function orders() {
    const context = await started();
    context.server.register('place', { schema: place, schemaType: 'PROTOBUF' });
    const id = context.server.register('order', {
      schema: proto,
      schemaType: 'PROTOBUF',
      references: [{ name: 'place.proto', subject: 'place', version: 1 }],
    });
    const root = new protobuf.Root();
    for (const text of [place, proto]) protobuf.parse(text, root, { keepCase: true });
    for (const name of ['timestamp', 'wrappers', 'struct']) {
      root.addJSON(protobuf.common.get(`google/protobuf/${name}.proto`)?.nested ?? {});
    }
    const encode = (type: string, value: object): Uint8Array => {
      const found = root.lookupType(type);
      return found.encode(found.fromObject(value)).finish();
    };
    return { ...context, id, encode };
  }

  it('becomes a plain object, with defaults where the schema has no presence', async () => {
    const { id, encode, decode } = await orders();
    const body = encode('shop.Order', {
      id: 7,
      state: 'PAID',
      line_items: [{ sku: 'a', count: 2 }, { sku: 'b' }],
      prices: { a: 1.5 },
      at: { seconds: 1_700_000_000, nanos: 123_456_789 },
      note: { value: 'gift' },
      raw: Buffer.from('xy'),
      ship: 'post',
      place: { city: 'Bern' },
      more: {
        fields: { n: { numberValue: 1 }, z: { nullValue: 0 }, l: { listValue: { values: [{ boolValue: true }] } } },
      },
    });
    expect(await decode(framed(id, Buffer.concat([Buffer.from([2, 2]), body])))).toEqual({
      id: 7,
      state: 'PAID',
      line_items: [
        { sku: 'a', count: 2 },
        { sku: 'b', count: 0 },
      ],
      prices: { a: 1.5 },
      at: 1_700_000_000_123,
      note: 'gift',
      raw: 'eHk=',
      ship: 'post',
      place: { city: 'Bern' },
      more: { n: 1, z: null, l: [true] },
    });
    expect(await decode(framed(id, Buffer.from([2, 2])))).toEqual({
      id: 0,
      state: 'NEW',
      line_items: [],
      prices: {},
      raw: '',
    });
  });

  it('is the one of the file that it says, or within another', async () => {
    const { id, encode, decode } = await orders();
    expect(await decode(framed(id, Buffer.concat([Buffer.from([0]), encode('shop.Other', { x: 'y' })])))).toEqual({
      x: 'y',
    });
    const line = Buffer.concat([Buffer.from([4, 2, 0]), encode('shop.Order.Line', { sku: 's', count: 1 })]);
    expect(await decode(framed(id, line))).toEqual({ sku: 's', count: 1 });
    expect(await decode(framed(id, Buffer.from([2, 8])))).toMatch(/no message at the position 4/);
  });

  it('keeps every digit of a long', async () => {
    const { id, encode, decode } = await orders();
    const body = encode('shop.Order', { id: '9007199254740993' });
    expect(await decode(framed(id, Buffer.concat([Buffer.from([2, 2]), body])))).toContain('"id":9007199254740993,');
  });

  it('of random bytes neither throws nor takes long', async () => {
    const { id, decoder } = await orders();
    await decoder.prepare(framed(id, Buffer.alloc(0)));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const { events, refused } = decoder.decode(framed(id, Buffer.concat([Buffer.from([2, 2]), bytes])));
        expect(events.length + refused.length).toBe(1);
      }),
      { numRuns: 2000 },
    );
  });
});

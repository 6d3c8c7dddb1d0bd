import { describe, expect, it } from 'vitest';
import type { RegisteredSchema } from '../src/registry/registered-schema.js';
import { RegistryDecoder } from '../src/registry/registry-decoder.js';
import { framed } from './support/registry-server.js';

const file = (text: string): string => `syntax = "proto3"; ${text}`;
const imports = (...names: string[]): string => names.map((name) => `import "${name}";`).join(' ');

/** Reads a message with the first type of a schema. */
async function read(schema: string, message: readonly number[], references: RegisteredSchema['references'] = []) {
  const decoder = new RegistryDecoder({ schema: () => Promise.resolve({ type: 'PROTOBUF', schema, references }) });
  const bytes = framed(1, Buffer.from([0, ...message]));
  await decoder.prepare(bytes);
  const { events, refused } = decoder.decode(bytes);
  return refused[0]?.reason ?? events[0];
}

const timestamp = 'google/protobuf/timestamp.proto';
const descriptor = 'google/protobuf/descriptor.proto';
const secondsOne = [2, 8, 1];

describe('a schema of Protobuf', () => {
  it('may import what those do that it refers to', async () => {
    const place = file(`${imports(timestamp)} message Place { google.protobuf.Timestamp since = 1; }`);
    const visit = file(
      `${imports(timestamp, 'place.proto', 'other.proto')} message Visit { google.protobuf.Timestamp at = 1; Place place = 2; }`,
    );
    const other = file(`${imports(timestamp)} message Other { google.protobuf.Timestamp at = 1; }`);
    const references = [
      { name: 'place.proto', schema: place },
      { name: 'other.proto', schema: other },
    ];
    expect(await read(visit, [10, ...secondsOne, 18, 4, 10, ...secondsOne], references)).toEqual({
      at: 1_000,
      place: { since: 1_000 },
    });
  });

  it('may refer to a file that is known', async () => {
    const text = file('package google.protobuf; message Timestamp { int64 seconds = 1; int32 nanos = 2; }');
    const visit = file(`${imports(timestamp)} message Visit { google.protobuf.Timestamp at = 1; }`);
    expect(await read(visit, [10, ...secondsOne], [{ name: timestamp, schema: text }])).toEqual({ at: 1_000 });
  });

  it('may have options of its own', async () => {
    const own = file(
      `package shop; ${imports(descriptor)} extend google.protobuf.FieldOptions { string kind = 50001; }`,
    );
    const order = file(
      `package shop; ${imports(descriptor, 'own.proto')} message Order { int32 id = 1 [(kind) = "key"]; }`,
    );
    expect(await read(order, [8, 5], [{ name: 'own.proto', schema: own }])).toEqual({ id: 5 });
  });

  it('may have the tags of Confluent, without a reference', async () => {
    const order = file(
      `package shop; ${imports('confluent/meta.proto')} message Order {
        option (confluent.message_meta).doc = "An order";
        int32 id = 1 [(confluent.field_meta) = { tags: ["PII"], params: [{ key: "a", value: "b" }] }];
        enum State { option (confluent.enum_meta).doc = "s"; NEW = 0 [(confluent.enum_value_meta).doc = "n"]; }
      }`,
    );
    expect(await read(order, [8, 5])).toEqual({ id: 5 });
  });

  it.each<[string, string, readonly number[], unknown]>([
    ['confluent/type/decimal', 'confluent.type.Decimal', [10, 1, 7, 24, 2], { value: 'Bw==', precision: 0, scale: 2 }],
    ['google/type/calendar_period', 'google.type.CalendarPeriod', [7], 'YEAR'],
    ['google/type/color', 'google.type.Color', [34, 5, 13, 0, 0, 128, 63], { red: 0, green: 0, blue: 0, alpha: 1 }],
    ['google/type/date', 'google.type.Date', [8, 1, 16, 2, 24, 3], { year: 1, month: 2, day: 3 }],
    [
      'google/type/datetime',
      'google.type.DateTime',
      [66, ...secondsOne],
      { year: 0, month: 0, day: 0, hours: 0, minutes: 0, seconds: 0, nanos: 0, utc_offset: '1s' },
    ],
    ['google/type/dayofweek', 'google.type.DayOfWeek', [7], 'SUNDAY'],
    ['google/type/decimal', 'google.type.Decimal', [10, 1, 49], { value: '1' }],
    [
      'google/type/expr',
      'google.type.Expr',
      [34, 1, 120],
      { expression: '', title: '', description: '', location: 'x' },
    ],
    ['google/type/fraction', 'google.type.Fraction', [8, 1, 16, 2], { numerator: 1, denominator: 2 }],
    ['google/type/interval', 'google.type.Interval', [18, ...secondsOne], { end_time: 1_000 }],
    ['google/type/latlng', 'google.type.LatLng', [], { latitude: 0, longitude: 0 }],
    ['google/type/money', 'google.type.Money', [10, 1, 88, 16, 1], { currency_code: 'X', units: 1, nanos: 0 }],
    ['google/type/month', 'google.type.Month', [12], 'DECEMBER'],
    [
      'google/type/phone_number',
      'google.type.PhoneNumber',
      [18, 3, 18, 1, 49],
      { short_code: { region_code: '', number: '1' }, extension: '' },
    ],
    [
      'google/type/postal_address',
      'google.type.PostalAddress',
      [74, 1, 97],
      expect.objectContaining({ address_lines: ['a'], recipients: [], organization: '' }),
    ],
    ['google/type/quaternion', 'google.type.Quaternion', [], { x: 0, y: 0, z: 0, w: 0 }],
    ['google/type/timeofday', 'google.type.TimeOfDay', [32, 4], { hours: 0, minutes: 0, seconds: 0, nanos: 4 }],
  ])('may import %s.proto without a reference', async (name, type, value, expected) => {
    const schema = file(`package shop; ${imports(`${name}.proto`)} message Order { ${type} x = 1; }`);
    const body = typeof expected === 'string' ? [8, ...value] : [10, value.length, ...value];
    expect(await read(schema, body)).toEqual({ x: expected });
  });
});

import { createRequire } from 'node:module';
import protobuf from 'protobufjs';

type Nested = NonNullable<protobuf.INamespace['nested']>;

const descriptor = 'google/protobuf/descriptor.proto';

/** The file of the package `google.type` with these messages, or with this enum. */
const ofGoogleType = (name: string, body: string, imports = ''): readonly [string, string] => [
  `google/type/${name}.proto`,
  `syntax = "proto3"; package google.type; ${imports} ${body}`,
];
const valuesOf = (names: string): string => names.split(' ').reduce((all, name, at) => `${all} ${name} = ${at};`, '');
const importOf = (name: string): string => `import "google/protobuf/${name}.proto";`;

const meta = ['File', 'Message', 'Field', 'Enum', 'EnumValue'].map((kind) => {
  const name = kind.replace(/(?<=[a-z])(?=[A-Z])/u, '_').toLowerCase();
  return `extend google.protobuf.${kind}Options { Meta ${name}_meta = 1088; }`;
});

/** Those that `protobufjs` does not have. */
const texts: ReadonlyMap<string, string> = new Map([
  [
    'confluent/meta.proto',
    `syntax = "proto3"; package confluent; ${importOf('descriptor')}
     message Meta { string doc = 1; map<string, string> params = 2; repeated string tags = 3; } ${meta.join(' ')}`,
  ],
  [
    'confluent/type/decimal.proto',
    'syntax = "proto3"; package confluent.type; message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }',
  ],
  ofGoogleType(
    'calendar_period',
    `enum CalendarPeriod { ${valuesOf('CALENDAR_PERIOD_UNSPECIFIED DAY WEEK FORTNIGHT MONTH QUARTER HALF YEAR')} }`,
  ),
  ofGoogleType(
    'color',
    'message Color { float red = 1; float green = 2; float blue = 3; google.protobuf.FloatValue alpha = 4; }',
    importOf('wrappers'),
  ),
  ofGoogleType('date', 'message Date { int32 year = 1; int32 month = 2; int32 day = 3; }'),
  ofGoogleType(
    'datetime',
    `message DateTime {
       int32 year = 1; int32 month = 2; int32 day = 3; int32 hours = 4; int32 minutes = 5; int32 seconds = 6; int32 nanos = 7;
       oneof time_offset { google.protobuf.Duration utc_offset = 8; TimeZone time_zone = 9; }
     }
     message TimeZone { string id = 1; string version = 2; }`,
    importOf('duration'),
  ),
  ofGoogleType(
    'dayofweek',
    `enum DayOfWeek { ${valuesOf('DAY_OF_WEEK_UNSPECIFIED MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY')} }`,
  ),
  ofGoogleType('decimal', 'message Decimal { string value = 1; }'),
  ofGoogleType(
    'expr',
    'message Expr { string expression = 1; string title = 2; string description = 3; string location = 4; }',
  ),
  ofGoogleType('fraction', 'message Fraction { int64 numerator = 1; int64 denominator = 2; }'),
  ofGoogleType(
    'interval',
    'message Interval { google.protobuf.Timestamp start_time = 1; google.protobuf.Timestamp end_time = 2; }',
    importOf('timestamp'),
  ),
  ofGoogleType('latlng', 'message LatLng { double latitude = 1; double longitude = 2; }'),
  ofGoogleType('money', 'message Money { string currency_code = 1; int64 units = 2; int32 nanos = 3; }'),
  ofGoogleType(
    'month',
    `enum Month { ${valuesOf('MONTH_UNSPECIFIED JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER')} }`,
  ),
  ofGoogleType(
    'phone_number',
    `message PhoneNumber {
       message ShortCode { string region_code = 1; string number = 2; }
       oneof kind { string e164_number = 1; ShortCode short_code = 2; }
       string extension = 3;
     }`,
  ),
  ofGoogleType(
    'postal_address',
    `message PostalAddress {
       int32 revision = 1; string region_code = 2; string language_code = 3; string postal_code = 4; string sorting_code = 5;
       string administrative_area = 6; string locality = 7; string sublocality = 8; repeated string address_lines = 9;
       repeated string recipients = 10; string organization = 11;
     }`,
  ),
  ofGoogleType('quaternion', 'message Quaternion { double x = 1; double y = 2; double z = 3; double w = 4; }'),
  ofGoogleType(
    'timeofday',
    'message TimeOfDay { int32 hours = 1; int32 minutes = 2; int32 seconds = 3; int32 nanos = 4; }',
  ),
]);

let options: Nested | undefined;

/**
 * A file that schemas import without a reference: Confluent's serializers bring it themselves.
 * @returns its text, or what it has as `protobufjs` keeps it.
 */
export function knownFile(name: string): string | Nested | undefined {
  // A module of JSON is experimental in the oldest Node that we run on.
  if (name === descriptor) {
    options ??= (createRequire(import.meta.url)('protobufjs/google/protobuf/descriptor.json') as protobuf.INamespace)
      .nested;
    return options;
  }
  return protobuf.common.get(name)?.nested ?? texts.get(name);
}

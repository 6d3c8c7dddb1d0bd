import { Buffer } from 'node:buffer';
import { JsonNumber } from '@tranquility-js/core/internal';
import protobuf, { type Field, type Type } from 'protobufjs';

type Message = Readonly<Record<string, unknown>>;

/**
 * Makes plain objects of messages: fields by the names of the schema, enums as their names, bytes as base64, instants as epoch
 * milliseconds, wrappers and `Struct` as what is in them. A field that has no presence has its default where the message leaves it out.
 */
export class PlainMessages {
  /** Whether a number was met that a number of JavaScript cannot hold. */
  hasLongNumber = false;

  message(type: Type, message: Message): Record<string, unknown> {
    const members: [string, unknown][] = [];
    for (const field of type.fieldsArray) {
      const isPresent = Object.hasOwn(message, field.name);
      if (isPresent || hasDefault(field)) members.push([field.name, this.#field(field, message[field.name])]);
    }
    return Object.fromEntries(members);
  }

  #field(field: Field, value: unknown): unknown {
    if (field instanceof protobuf.MapField) {
      return Object.fromEntries(Object.entries(value as Message).map(([key, each]) => [key, this.#value(field, each)]));
    }
    return field.repeated ? (value as unknown[]).map((each) => this.#value(field, each)) : this.#value(field, value);
  }

  #value(field: Field, value: unknown): unknown {
    const type = field.resolvedType;
    if (type instanceof protobuf.Enum) return type.valuesById[value as number] ?? value;
    if (type instanceof protobuf.Type) return this.#wellKnown(type, value as Message);
    if (field.type === 'bytes') return Buffer.from(value as Uint8Array).toString('base64');
    return typeof value === 'object' && value !== null ? this.#long(value) : value;
  }

  /** 64 bits, which protobufjs gives as an object of its own. */
  #long(value: { toString(): string }): unknown {
    const digits = value.toString();
    const number = Number(digits);
    if (Number.isSafeInteger(number)) return number;
    this.hasLongNumber = true;
    return new JsonNumber(digits);
  }

  #wellKnown(type: Type, message: Message): unknown {
    const fields = (): Record<string, unknown> => this.message(type, message);
    switch (type.fullName) {
      case '.google.protobuf.Timestamp': {
        const { seconds = 0, nanos = 0 } = fields() as { seconds?: number; nanos?: number };
        return seconds * 1000 + Math.floor(nanos / 1_000_000);
      }
      case '.google.protobuf.Duration': {
        const { seconds = 0, nanos = 0 } = fields() as { seconds?: number; nanos?: number };
        return `${seconds + nanos / 1_000_000_000}s`;
      }
      case '.google.protobuf.Struct':
        return fields()['fields'];
      case '.google.protobuf.ListValue':
        return fields()['values'];
      case '.google.protobuf.Value':
        return onlyMember(message) === 'nullValue' ? null : Object.values(fields())[0];
      case '.google.protobuf.Any':
        return fields();
      default:
        return /^\.google\.protobuf\.\w+Value$/.test(type.fullName) ? fields()['value'] : fields();
    }
  }
}

function onlyMember(message: Message): string | undefined {
  return Object.keys(message)[0];
}

/** Whether the schema cannot tell a field that is left out from one that has its default. */
function hasDefault(field: Field): boolean {
  if (field.repeated || field instanceof protobuf.MapField) return true;
  return !field.hasPresence && !(field.resolvedType instanceof protobuf.Type);
}

import { exactValue, FoundEvent, textOf, type KeyName } from '@tranquility-js/core/internal';

/**
 * The fields at the top of an event, one event after the other. Of an event that is bytes, only fields that are asked for become values, and their
 * numbers keep their spelling, as `JsonNumber`.
 */
export class Fields {
  readonly #found = new FoundEvent();
  #object: Readonly<Record<string, unknown>> | undefined;

  /** Looks at an event. @returns whether it is one: bytes may be no JSON object. */
  take(event: Readonly<Record<string, unknown>> | Uint8Array): boolean {
    if (event instanceof Uint8Array) {
      this.#object = undefined;
      return this.#found.take(event, 0, event.length, 0);
    }
    this.#object = event;
    return true;
  }

  /** Null where there is no such field. */
  valueOf(name: KeyName): unknown {
    if (this.#object !== undefined) return Object.hasOwn(this.#object, name.text) ? this.#object[name.text] : null;
    const { bytes, members } = this.#found;
    const member = members.find(name);
    return member < 0 ? null : exactValue(textOf(bytes, members.valueStart(member), members.valueEnd(member)));
  }
}

/** An event on its way to a sender: its fields, or the bytes of its JSON. */
export type Event = Record<string, unknown> | Uint8Array;

import type { Arena } from './arena.js';

/** Something that goes wrong. It resolves when events are sent again, be it that Druid has not come back to itself. */
export type Fault = (arena: Arena) => Promise<void>;

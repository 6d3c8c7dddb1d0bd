export { exitCodes } from './exit-codes.js';
export { run } from './run.js';
export type { Command, Environment } from './run.js';
export type { Terminal } from './terminal.js';

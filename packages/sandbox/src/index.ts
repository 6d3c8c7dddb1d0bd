export { ManualClock } from './clock/manual-clock.js';
export type { SandboxClock } from './clock/sandbox-clock.js';
export type { FaultAction, FaultRule } from './faults/fault.js';
export type { FaultReport, Faults } from './faults/faults.js';
export type { SandboxOptions } from './options.js';
export { startSandbox } from './sandbox.js';
export type { Sandbox, SandboxTask } from './sandbox.js';

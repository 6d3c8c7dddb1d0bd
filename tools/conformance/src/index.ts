export { adapterSuite } from './adapter-suite.js';
export { appendSuite, appendTask } from './append-suite.js';
export type { AdapterCase, OpenAdapter, SandboxLike } from './adapter-suite.js';
export { configOf, eventsAt } from './config.js';
export { Druid } from './druid.js';
export { druidSuite } from './druid-suite.js';
export { engineSuite } from './engine-suite.js';
export { readmeSuite } from './readme-suite.js';
export type { Target } from './target.js';

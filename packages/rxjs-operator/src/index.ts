export { druidObserver } from './druid-observer.js';
export type { DruidObserver, DruidObserverOptions } from './druid-observer.js';
export { druidSubject } from './druid-subject.js';
export type { DruidSubject } from './druid-subject.js';
export type { DruidOptions } from './options.js';
export type { DruidOutcome } from './outcome.js';
export { druidFrom, toDruid } from './to-druid.js';
export type { DruidOperator } from './to-druid.js';

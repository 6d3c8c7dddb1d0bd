export { createDruidTransform } from './druid-transform.js';
export type { DruidTransform, DruidTransformOptions } from './druid-transform.js';
export { createDruidWritable } from './druid-writable.js';
export type { DruidWritable } from './druid-writable.js';
export { createDruidWritableStream } from './druid-writable-stream.js';
export type { DruidWritableStreamOptions } from './druid-writable-stream.js';
export type { DeliveryReport, DropReport, DruidStreamOptions } from './options.js';
export { sendFrom } from './send-from.js';
export type { SendFromOptions } from './send-from.js';

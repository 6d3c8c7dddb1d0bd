export { PasswordHash } from './auth/password-hash.js';
export { tranquility } from './plugin.js';
export type { TranquilityPluginOptions } from './plugin.js';
export { createServer } from './server.js';
export type { Server, ServerOptions } from './server.js';
export { loadServerConfig } from './server-config.js';
export type { ServerConfig } from './server-config.js';
export { serve } from './serve.js';
export type { ServeOptions } from './serve.js';

export { startCluster } from './cluster.js';
export type { Cluster, Endpoints } from './cluster.js';
export type { ClusterOptions } from './options.js';
export type { PeerPush, PeerResult } from './peer.js';
export type { Peon } from './peons.js';
export type { Service, ServiceName } from './server.js';

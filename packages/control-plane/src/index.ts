export type { ServerEnvironment } from './composition/server-ground.ts';
export { type OpenServerStore, type ServerStore, storeFolder } from './composition/server-store.ts';
export { adminKubeconfigPath } from './security/admin-kubeconfig.ts';
export { type JoinClusterOptions, JoinError, type Joined, joinCluster } from './security/join-client.ts';
export { type Server, startServer } from './server.ts';
export {
  type ListenAddress,
  type OptionSources,
  parseServerOptions,
  type ServerOptions,
  type ServerTimings,
  type StoreChoice,
  serverFlags,
  serverUsage,
  UsageError,
} from './server-options.ts';
export { runServer } from './server-process.ts';

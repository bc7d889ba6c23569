export * as agentV1 from './generated/berth/agent/v1/agent.ts';
export * as consensusV1 from './generated/berth/consensus/v1/consensus.ts';
export * as serverV1 from './generated/berth/server/v1/server.ts';
export * as etcdV3 from './generated/etcd/v3/rpc.ts';

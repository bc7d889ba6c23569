export * as agentV1 from './generated/berth/agent/v1/agent.ts';
export * as serverV1 from './generated/berth/server/v1/server.ts';

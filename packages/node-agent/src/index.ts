export { type Agent, startAgent } from './agent.ts';
export { agentUsage, FlagError, parseAgentOptions } from './agent-flags.ts';
export type { AgentOptions, LogLevel } from './agent-options.ts';
export { type CleanupOptions, cleanup } from './cleanup.ts';
export { FakeEngine, type FakeEngineOptions, type FakeProgram } from './engine/fake-engine.ts';
export { runAgent } from './run-agent.ts';

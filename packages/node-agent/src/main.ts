import { enableCompileCache } from 'node:module';

enableCompileCache(new URL('../../../node_modules/.cache/berth', import.meta.url).pathname);
const { raisePriority } = await import('@berth/world');
raisePriority();
const { runAgent } = await import('./run-agent.ts');
await runAgent(process.argv.slice(2));
// Connections that nobody waits for must not keep the process.
process.exit();

import { enableCompileCache } from 'node:module';
import { raisePriority } from '@berth/world';

raisePriority();
enableCompileCache();
const { runAgent } = await import('./run-agent.ts');
await runAgent(process.argv.slice(2));
// Connections that nobody waits for must not keep the process.
process.exit();

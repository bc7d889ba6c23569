import { enableCompileCache } from 'node:module';
import { raisePriority } from '@berth/world';

raisePriority();
// Before anything else is loaded: what is compiled once starts faster the next time.
enableCompileCache();
const { runServer } = await import('./server-process.ts');
await runServer(process.argv.slice(2));

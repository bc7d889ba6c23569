import { enableCompileCache } from 'node:module';

// Before anything else is loaded: what is compiled once starts faster the next time.
enableCompileCache(new URL('../../../node_modules/.cache/berth', import.meta.url).pathname);
const { raisePriority } = await import('@berth/world');
raisePriority();
const { runServer } = await import('./server-process.ts');
await runServer(process.argv.slice(2));

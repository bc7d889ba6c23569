import { enableCompileCache } from 'node:module';

// Before anything else is loaded: later starts skip most of the parsing. Worker threads and child processes look into the environment.
process.env['NODE_COMPILE_CACHE'] ??= new URL('../../../node_modules/.cache/berth', import.meta.url).pathname;
enableCompileCache(process.env['NODE_COMPILE_CACHE']);

const { runCommandLine } = await import('./command-line.ts');
await runCommandLine(process.argv.slice(2));

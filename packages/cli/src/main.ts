import { enableCompileCache } from 'node:module';

// Before anything else is loaded: later starts skip most of the parsing.
enableCompileCache();

const { runCommandLine } = await import('./command-line.ts');
await runCommandLine(process.argv.slice(2));

import { enableCompileCache } from 'node:module';

enableCompileCache();
const { runAgent } = await import('./run-agent.ts');
try {
  await runAgent(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  process.stderr.write(`berth agent: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

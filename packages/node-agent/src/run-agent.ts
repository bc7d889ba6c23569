import { keepCompiledCode } from '@berth/world';
import { startAgent } from './agent.ts';
import { agentUsage, FlagError, parseAgentOptions } from './agent-flags.ts';
import type { AgentOptions } from './agent-options.ts';

/**
 * The `berth agent` command: runs until SIGTERM or SIGINT; containers of the node outlive it. Sets the exit code: 0 after an orderly end, 1 when
 * it could not start, 2 for a mistake on the command line.
 */
export async function runAgent(args: readonly string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(agentUsage);
    return;
  }
  try {
    await runUntilStopped(parseAgentOptions(args));
  } catch (error) {
    process.stderr.write(`berth agent: ${sentence(error)}\n`);
    process.exitCode = error instanceof FlagError ? 2 : 1;
  }
}

async function runUntilStopped(options: AgentOptions): Promise<void> {
  const agent = await startAgent(options);
  process.stdout.write(`berth agent ${agent.nodeName} is running in cluster ${agent.clusterId}\n`);
  keepCompiledCode();
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  await agent[Symbol.asyncDispose]();
}

/** What an operator can act on stands alone; a fault of the program comes with its trace. */
function sentence(error: unknown): string {
  if (error instanceof FlagError) return `${error.message}\nberth agent --help lists all flags`;
  const isFault = [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind);
  if (error instanceof Error) return (isFault ? error.stack : undefined) ?? error.message;
  return String(error);
}

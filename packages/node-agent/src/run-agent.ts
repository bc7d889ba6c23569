import { startAgent } from './agent.ts';
import { agentUsage, FlagError, parseAgentOptions } from './agent-flags.ts';

/** The `berth agent` command: runs until SIGTERM or SIGINT. Containers of the node outlive it. */
export async function runAgent(args: readonly string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(agentUsage);
    return;
  }
  const agent = await startAgent(readOptions(args));
  process.stdout.write(`berth agent ${agent.nodeName} is running in cluster ${agent.clusterId}\n`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  await agent[Symbol.asyncDispose]();
}

function readOptions(args: readonly string[]): ReturnType<typeof parseAgentOptions> {
  try {
    return parseAgentOptions(args);
  } catch (error) {
    if (error instanceof FlagError) throw new FlagError(`${error.message}\n\n${agentUsage}`);
    throw error;
  }
}

import type { Command } from 'commander';
import type { ObjectCommands } from './object-commands.ts';

interface Flags {
  readonly dataDir?: readonly string[];
  readonly yes?: boolean;
  readonly acceptLoss?: boolean;
}

/** `berth recover`. */
export function recoverCommand(recover: Command, { terminal, withClient, world }: ObjectCommands): void {
  recover
    .description('after the loss of the quorum for good: who has most, and make it a cluster of its own')
    .option('--data-dir <dir...>', 'of stopped servers: recover the best of them (default: ask those that run)')
    .option('--yes', 'do not ask')
    .option('--accept-loss', 'recover a server that has lost something acknowledged')
    .action(async ({ dataDir, ...flags }: Flags) => {
      const { lookForSurvivors, recover: recoverStopped } = await import('./recover.ts');
      if (dataDir === undefined) await withClient((client) => lookForSurvivors(client, terminal));
      else process.exitCode = await recoverStopped(terminal, world, { ...flags, dataDir });
    });
}

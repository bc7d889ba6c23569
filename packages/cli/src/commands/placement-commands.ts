import type { Command } from 'commander';
import { wholeNumber } from './flag-values.ts';
import type { ObjectCommands } from './object-commands.ts';

/** Adds the commands that ask what the scheduler thinks. Their code is loaded when they run. */
export function placementCommands(berth: Command, { terminal, withClient }: Omit<ObjectCommands, 'world'>): void {
  berth
    .command('explain <type> <name>')
    .description('why a pod is where it is, or nowhere, and what would make it fit: explain pod NAME')
    .option('-n, --namespace <name>', 'of the pod')
    .option('--nodes <count>', 'nodes to tell of, the best or nearest first', wholeNumber)
    .action(async (type: string, name: string, flags: { namespace?: string; nodes?: number }) =>
      withClient(async (client) => (await import('./explain.ts')).explain(client, terminal, type, name, flags)),
    );
  berth
    .command('rebalance')
    .description('which pods should run elsewhere; nothing is moved')
    .requiredOption('--plan', 'print the plan')
    .option('--moves <count>', 'moves at most', wholeNumber)
    .option('--gain <points>', 'leave out moves that gain less', wholeNumber)
    .action(async (flags: { moves?: number; gain?: number }) =>
      withClient(async (client) => (await import('./rebalance.ts')).rebalance(client, terminal, flags)),
    );
}

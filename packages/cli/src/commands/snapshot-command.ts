import type { Command } from 'commander';
import type { ObjectCommands } from './object-commands.ts';
import type { RestoreFlags } from './snapshot.ts';

/** `berth snapshot save|inspect|verify|restore`. */
export function snapshotCommand(snapshot: Command, { terminal, withClient, world }: ObjectCommands): void {
  snapshot.description('the whole state of a cluster in one file');
  snapshot
    .command('save <file>')
    .description('fetch the state of this moment, history included; verified before the file is there')
    .option('--local', 'what the server has, also without a quorum', false)
    .action(async (file: string, { local }: { readonly local: boolean }) =>
      withClient(async (client) =>
        (await import('./snapshot.ts')).save(client, terminal, file, local ? 'local' : 'linearizable'),
      ),
    );
  snapshot
    .command('inspect <file>')
    .description('what a snapshot says of itself')
    .action(async (file: string) => void (await (await import('./snapshot.ts')).inspect(terminal, file)));
  snapshot
    .command('verify <file>')
    .description('read all of it and prove that it is whole')
    .action(async (file: string) => void (await (await import('./snapshot.ts')).verify(terminal, file)));
  snapshot
    .command('restore <file>')
    .description('make the data directory of the first server of a new cluster out of it')
    .requiredOption('--data-dir <dir>', "the server's data directory")
    .option('--name <name>', 'of the server (default: whose directory it is, or the first member in the snapshot)')
    .option('--replace', 'set aside a store that lies there')
    .action(
      async (file: string, flags: RestoreFlags) =>
        void (await (await import('./snapshot.ts')).restore(terminal, world, file, flags)),
    );
}

import type { World } from '@berth/world';
import type { Command } from 'commander';
import type { ApiClient } from '../client/api-client.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { ApplyOptions } from './apply.ts';
import type { DeleteOptions } from './delete.ts';
import { oneOf, seconds, wholeNumber } from './flag-values.ts';
import type { GetOptions } from './get-options.ts';
import type { LogsOptions } from './logs.ts';
import { placementCommands } from './placement-commands.ts';

/** What the commands that talk to a cluster share. */
export interface ObjectCommands {
  readonly terminal: Terminal;
  readonly world: World;
  /** Connects, does the work, and makes its answer the exit code. */
  withClient(work: (client: ApiClient) => Promise<number>): Promise<void>;
}

/** Adds the commands that do with any cluster what kubectl does. Their code is loaded when they run. */
export function objectCommands(berth: Command, commands: ObjectCommands): void {
  addReading(berth, commands);
  placementCommands(berth, commands);
  addWriting(berth, commands);
}

function addReading(berth: Command, { terminal, withClient, world }: ObjectCommands): void {
  berth
    .command('get <types> [names...]')
    .description('list objects in the table that the server makes of them')
    .option('-n, --namespace <name>', 'where to look')
    .option('-A, --all-namespaces', 'look everywhere')
    .option('-l, --selector <labels>', 'e.g. app=web')
    .option('--field-selector <fields>', 'e.g. spec.nodeName=node-1')
    .option('-o, --output <form>', 'wide, yaml, json or name', oneOf(['wide', 'yaml', 'json', 'name']))
    .option('-w, --watch', 'go on with every change')
    .action(async (types: string, names: readonly string[], flags: GetOptions) =>
      withClient(async (client) => (await import('./get.ts')).get(client, terminal, [types, ...names], flags)),
    );
  berth
    .command('describe <type> [names...]')
    .description('everything that an object says, and its events')
    .option('-n, --namespace <name>', 'where to look')
    .action(async (type: string, names: readonly string[], flags: { namespace?: string }) =>
      withClient(async (client) =>
        (await import('./describe.ts')).describe(client, terminal, world, [type, ...names], flags),
      ),
    );
  berth
    .command('logs <target>')
    .description('output of a container: POD, deployment/NAME or replicaset/NAME')
    .option('-n, --namespace <name>', 'of the pod')
    .option('-c, --container <name>', 'where the pod has several')
    .option('-f, --follow', 'go on with what comes')
    .option('-p, --previous', 'of the run before the last restart')
    .option('--timestamps', 'put the time before every line')
    .option('--tail <lines>', 'only so many from the end', wholeNumber)
    .option('--since <time>', 'only of the last e.g. 90s, 5m, 2h', seconds)
    .action(async (target: string, flags: LogsOptions) =>
      withClient(async (client) => (await import('./logs.ts')).logs(client, terminal, target, flags)),
    );
  berth
    .command('status')
    .description('is the cluster well: servers, nodes, pods; exit code 1 when not')
    .action(async () => withClient(async (client) => (await import('./status.ts')).status(client, terminal)));
}

function addWriting(berth: Command, { terminal, withClient, world }: ObjectCommands): void {
  berth
    .command('apply')
    .description('create what the files describe, or change it to be so')
    .requiredOption('-f, --filename <file...>', 'YAML or JSON; a folder of them; - is standard input')
    .option('-n, --namespace <name>', 'for objects that name none')
    .option('--dry-run', 'ask the server, store nothing', false)
    .action(async (flags: ApplyOptions & { filename: readonly string[] }) =>
      withClient(async (client) => (await import('./apply.ts')).apply(client, terminal, world, flags.filename, flags)),
    );
  berth
    .command('delete [type] [names...]')
    .description('delete objects by name, selector or file')
    .option('-n, --namespace <name>', 'where to look')
    .option('-f, --filename <file...>', 'what these files describe')
    .option('-l, --selector <labels>', 'e.g. app=web')
    .option('--all', 'all of the type')
    .option('--grace-period <seconds>', 'how long containers may take to stop', wholeNumber)
    .option('--ignore-not-found', 'what is gone already is no error')
    .option('--no-wait', 'return at once')
    .action(async (type: string | undefined, names: readonly string[], flags: DeleteOptions) =>
      withClient(async (client) => {
        const { deleteObjects } = await import('./delete.ts');
        return deleteObjects(client, terminal, type === undefined ? [] : [type, ...names], flags);
      }),
    );
  berth
    .command('scale <type> [names...]')
    .description('set how many copies run: TYPE/NAME, or TYPE NAME')
    .requiredOption('--replicas <count>', 'wanted copies', wholeNumber)
    .option('-n, --namespace <name>', 'where to look')
    .action(async (type: string, names: readonly string[], flags: { replicas: number; namespace?: string }) =>
      withClient(async (client) => (await import('./scale.ts')).scale(client, terminal, [type, ...names], flags)),
    );
}

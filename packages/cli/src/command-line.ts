import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { realWorld } from '@berth/world';
import { Command } from 'commander';
import { ApiClient, ApiFailure } from './client/api-client.ts';
import { findKubeconfig, loadKubeconfig } from './client/kubeconfig.ts';
import type { CleanupFlags } from './commands/cleanup.ts';
import { failureLine } from './commands/failure-line.ts';
import { wholeNumber } from './commands/flag-values.ts';
import { memberCommand } from './commands/member-command.ts';
import { type ObjectCommands, objectCommands } from './commands/object-commands.ts';
import { recoverCommand } from './commands/recover-command.ts';
import { snapshotCommand } from './commands/snapshot-command.ts';
import { tokenCommand } from './commands/token-command.ts';
import { processTerminal, type Terminal } from './terminal/terminal.ts';

interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** Where the local development cluster lives: beside this checkout, unless told otherwise. */
const devFolderPath: string = resolve(
  process.env['BERTH_DEV_DIR'] ?? new URL('../../../.berth/dev', import.meta.url).pathname,
);

/** The `berth` command. Sets the exit code: 0 done, 1 failed with a sentence on stderr. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  const terminal = processTerminal();
  // `berth get pods | head` ends when head has seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  try {
    if (args[0] === 'server') return await (await import('@berth/control-plane')).runServer(args.slice(1));
    if (args[0] === 'agent') return await (await import('@berth/node-agent')).runAgent(args.slice(1));
    await (await berthCommand(terminal)).parseAsync(args, { from: 'user' });
  } catch (error) {
    terminal.error(error instanceof ApiFailure ? failureLine(error) : `berth: ${sentence(error)}`);
    process.exitCode = 1;
  }
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function berthCommand(terminal: Terminal): Promise<Command> {
  const berth = new Command('berth')
    .description('a container orchestrator that speaks the Kubernetes API')
    .usage('[command] [options]')
    .version(version(), '--version', 'print the version')
    .option('--kubeconfig <file>', 'whom to talk to; default: KUBECONFIG, the local cluster, ~/.kube/config')
    .option('--context <name>', 'context of the kubeconfig')
    .enablePositionalOptions()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'berth: ')) })
    .showHelpAfterError('(`--help` tells how it is used)');
  const kubeconfig = (): string => {
    const flags = berth.opts<ClusterFlags>();
    return findKubeconfig(flags.kubeconfig, `${devFolderPath}/kubeconfig`);
  };
  const commands: ObjectCommands = {
    terminal,
    world: realWorld,
    async withClient(work) {
      using client = new ApiClient(loadKubeconfig(kubeconfig(), berth.opts<ClusterFlags>().context));
      process.exitCode = await work(client);
    },
  };
  berth.command('server').description('run a server of the control plane (`berth server --help`)');
  berth.command('agent').description('run the agent of a node (`berth agent --help`)');
  const { addDevCommands } = await import('./commands/dev.ts');
  addDevCommands(berth.command('dev'), terminal, devFolderPath);
  objectCommands(berth, commands);
  berth
    .command('kubeconfig')
    .description('print the kubeconfig in use, for kubectl and other clients')
    .option('--data-dir <dir>', "a server's data directory: print its administrator's kubeconfig")
    .option('--server <url>', 'put this address in, e.g. https://127.0.0.1:6443')
    .action(async (flags: { dataDir?: string; server?: string }) => {
      const { kubeconfigText } = await import('./commands/kubeconfig.ts');
      terminal.line(kubeconfigText(kubeconfig, flags).trimEnd());
    });
  tokenCommand(berth.command('token'), commands);
  memberCommand(berth.command('member'), commands);
  snapshotCommand(berth.command('snapshot'), commands);
  recoverCommand(berth.command('recover'), commands);
  berth
    .command('cleanup')
    .description('remove what a stopped agent has left on this machine: containers, networks, rules, mounts (root)')
    .requiredOption('--name <name>', 'of its node')
    .requiredOption('--data-dir <dir>', 'of the agent; its identity stays in there')
    .option('--machine-pid <pid>', 'a process that sees the files of the machine, from within a container', wholeNumber)
    .action(async (flags: CleanupFlags) => (await import('./commands/cleanup.ts')).cleanUpAfterAgent(flags));
  return berth;
}

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}

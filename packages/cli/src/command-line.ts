import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { ApiClient, ApiFailure } from './client/api-client.ts';
import { findKubeconfig, loadKubeconfig } from './client/kubeconfig.ts';
import type { GetOptions } from './commands/get.ts';
import type { LogsOptions } from './commands/logs.ts';
import { processTerminal, type Terminal } from './terminal/terminal.ts';

interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** Where the local development cluster lives: beside this checkout, unless told otherwise. */
const devFolderPath: string = process.env['BERTH_DEV_DIR'] ?? new URL('../../../.berth/dev', import.meta.url).pathname;

/** The `berth` command. Sets the exit code: 0 done, 1 failed with a sentence on stderr. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  const terminal = processTerminal();
  try {
    if (args[0] === 'server') return await (await import('@berth/control-plane')).runServer(args.slice(1));
    if (args[0] === 'agent') return await (await import('@berth/node-agent')).runAgent(args.slice(1));
    await (await program(terminal)).parseAsync(args, { from: 'user' });
  } catch (error) {
    terminal.error(`${terminal.style('red', 'berth:')} ${sentence(error)}`);
    process.exitCode = 1;
  }
}

function sentence(error: unknown): string {
  if (error instanceof ApiFailure) return `the server refused (${error.code} ${error.reason}): ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

async function program(terminal: Terminal): Promise<Command> {
  const berth = new Command('berth')
    .description('a container orchestrator that speaks the Kubernetes API')
    .usage('[command] [options]')
    .option('--kubeconfig <file>', 'whom to talk to; default: KUBECONFIG, the local cluster, ~/.kube/config')
    .option('--context <name>', 'context of the kubeconfig')
    .enablePositionalOptions()
    .showHelpAfterError('(`berth --help` tells how it is used)');
  berth.command('server').description('run a server of the control plane (`berth server --help`)');
  berth.command('agent').description('run the agent of a node (`berth agent --help`)');
  const { devCommand } = await import('./commands/dev.ts');
  berth.addCommand(devCommand(terminal, resolve(devFolderPath)));
  addObjects(berth, terminal);
  addWorkload(berth, terminal);
  addAdministration(berth, terminal);
  return berth;
}

function addObjects(berth: Command, terminal: Terminal): void {
  berth
    .command('get <types> [names...]')
    .description('list objects in the table that the server makes of them')
    .option('-n, --namespace <name>')
    .option('-A, --all-namespaces')
    .option('-l, --selector <labels>', 'e.g. app=web')
    .option('--field-selector <fields>', 'e.g. spec.nodeName=node-1')
    .option('-o, --output <form>', 'wide, yaml, json or name', oneOf(['wide', 'yaml', 'json', 'name']))
    .option('-w, --watch', 'go on with every change')
    .action(async (types: string, names: readonly string[], flags: GetOptions) =>
      withClient(berth, async (client) => (await import('./commands/get.ts')).get(client, terminal, types, names, flags)),
    );
  berth
    .command('describe <type> [names...]')
    .description('everything that an object says, and its events')
    .option('-n, --namespace <name>')
    .action(async (type: string, names: readonly string[], flags: { namespace?: string }) =>
      withClient(berth, async (client) => (await import('./commands/describe.ts')).describe(client, terminal, type, names, flags)),
    );
  berth
    .command('apply')
    .description('create what the files describe, or change it to be so')
    .requiredOption('-f, --filename <file...>', 'YAML or JSON; - is standard input')
    .option('-n, --namespace <name>')
    .option('--dry-run', 'ask the server, store nothing', false)
    .action(async (flags: { filename: readonly string[]; namespace?: string; dryRun: boolean }) =>
      withClient(berth, async (client) => (await import('./commands/apply.ts')).apply(client, terminal, flags.filename, flags)),
    );
  berth
    .command('delete [type] [names...]')
    .description('delete objects by name, selector or file')
    .option('-n, --namespace <name>')
    .option('-f, --filename <file...>')
    .option('-l, --selector <labels>')
    .option('--grace-period <seconds>', 'how long containers may take to stop', wholeNumber)
    .option('--ignore-not-found', 'what is gone already is no error')
    .option('--no-wait', 'return at once')
    .action(
      async (
        type: string | undefined,
        names: readonly string[],
        flags: { namespace?: string; filename?: readonly string[]; selector?: string; gracePeriod?: number; ignoreNotFound?: boolean; wait: boolean },
      ) => withClient(berth, async (client) => (await import('./commands/delete.ts')).deleteObjects(client, terminal, type, names, flags)),
    );
}

function addWorkload(berth: Command, terminal: Terminal): void {
  berth
    .command('logs <target>')
    .description('output of a container: POD, deployment/NAME or replicaset/NAME')
    .option('-n, --namespace <name>')
    .option('-c, --container <name>')
    .option('-f, --follow')
    .option('-p, --previous', 'of the run before the last restart')
    .option('--timestamps')
    .option('--tail <lines>', 'lines from the end', wholeNumber)
    .option('--since <seconds>', 'only of the last so many seconds', wholeNumber)
    .action(async (target: string, flags: LogsOptions) =>
      withClient(berth, async (client) => (await import('./commands/logs.ts')).logs(client, target, flags)),
    );
  berth
    .command('scale <target>')
    .description('set the replicas of TYPE/NAME')
    .requiredOption('--replicas <count>', 'wanted copies', wholeNumber)
    .option('-n, --namespace <name>')
    .action(async (target: string, flags: { replicas: number; namespace?: string }) =>
      withClient(berth, async (client) => (await import('./commands/scale.ts')).scale(client, terminal, target, flags.replicas, flags.namespace)),
    );
}

function addAdministration(berth: Command, terminal: Terminal): void {
  berth
    .command('status')
    .description('is the cluster well: servers, nodes, pods')
    .action(async () => withClient(berth, async (client) => (await import('./commands/status.ts')).status(client, terminal)));
  berth
    .command('kubeconfig')
    .description('print the kubeconfig in use, for kubectl and other clients')
    .action(async () => {
      const { readFileSync } = await import('node:fs');
      terminal.line(readFileSync(kubeconfigOf(berth), 'utf8').trimEnd());
    });
  const token = berth.command('token').description('tokens with which servers and agents join');
  token
    .command('create')
    .description('make a join token; it is shown this once')
    .requiredOption('--role <role>', 'server or agent', oneOf(['server', 'agent']))
    .option('--ttl <time>', 'how long it lives, e.g. 90m, 24h, 7d (default 24h)')
    .option('--description <text>')
    .action(async (flags: { role: 'server' | 'agent'; ttl?: string; description?: string }) =>
      withClient(berth, async (client) => {
        const { createToken, parseTtl } = await import('./commands/token.ts');
        const created = await createToken(client, {
          role: flags.role,
          ...(flags.ttl === undefined ? {} : { ttlSeconds: parseTtl(flags.ttl) }),
          ...(flags.description === undefined ? {} : { description: flags.description }),
        });
        terminal.line(created.token);
        return 0;
      }),
    );
  token
    .command('list')
    .description('tokens and when they end; never their secrets')
    .action(async () => withClient(berth, async (client) => (await import('./commands/token.ts')).listTokens(client, terminal)));
  token
    .command('revoke <id>')
    .description('nobody can join with it any more')
    .action(async (id: string) => withClient(berth, async (client) => (await import('./commands/token.ts')).revokeToken(client, terminal, id)));
}

function kubeconfigOf(berth: Command): string {
  return findKubeconfig(berth.opts<ClusterFlags>().kubeconfig, `${resolve(devFolderPath)}/kubeconfig`);
}

async function withClient(berth: Command, work: (client: ApiClient) => Promise<number>): Promise<void> {
  using client = new ApiClient(loadKubeconfig(kubeconfigOf(berth), berth.opts<ClusterFlags>().context));
  process.exitCode = await work(client);
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`wanted a whole number, got "${text}"`);
  return Number(text);
}

function oneOf<const T extends readonly string[]>(allowed: T): (text: string) => T[number] {
  return (text) => {
    if (!allowed.includes(text)) throw new InvalidArgumentError(`wanted one of ${allowed.join(', ')}, got "${text}"`);
    return text;
  };
}

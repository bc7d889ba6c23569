import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { realWorld } from '@berth/world';
import type { Command } from 'commander';
import { devFolder } from '../dev/cluster-state.ts';
import type { DevContext, UpOptions, UpResult } from '../dev/dev-cluster.ts';
import { terminalSteps } from '../terminal/steps.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { asRoot } from './as-root.ts';
import { addFaults } from './dev-faults.ts';
import { addInternals } from './dev-internals.ts';
import { wholeNumber } from './flag-values.ts';

/** `berth dev`: a whole cluster on this machine, and the means to hurt it. The code behind it is loaded when a command runs. */
export function addDevCommands(dev: Command, terminal: Terminal, folderPath: string): void {
  const context: DevContext = {
    folder: devFolder(folderPath),
    steps: terminalSteps(terminal, realWorld.clock),
    world: realWorld,
  };
  dev.description('a whole cluster on this machine, to try, develop and break');
  addLifecycle(dev, terminal, context);
  addFaults(dev, context);
  addInternals(dev);
}

interface UpFlags {
  readonly dcs?: number;
  readonly nodes?: number;
  readonly servers?: number;
  readonly isolated?: boolean;
  readonly port?: number;
  readonly demo: boolean;
  readonly schedulerConfig?: string;
}

function addLifecycle(dev: Command, terminal: Terminal, context: DevContext): void {
  dev
    .command('up')
    .description('start the local cluster, or what is missing of it')
    .option('--dcs <count>', 'data centers (default 2)', wholeNumber)
    .option('--nodes <count>', 'nodes in each data center (default 2)', wholeNumber)
    .option('--servers <count>', 'servers, spread over the data centers (default 3)', wholeNumber)
    .option('--isolated', 'hosts with namespaces and a Docker Engine of their own, a real network between data centers')
    .option('--port <port>', 'loopback port for kubectl; 0 = any free one (default 6443 if free)', wholeNumber)
    .option('--scheduler-config <file>', 'profiles of the scheduler, for all servers')
    .option('--demo', 'deploy a small web application and wait until it answers', false)
    .action(
      asRoot(context, async (flags: UpFlags) => {
        const { up } = await import('../dev/dev-cluster.ts');
        const result = await explained(terminal, context, () => up(context, upOptions(flags)));
        await reportUp(terminal, context, flags.demo, result);
      }),
    );
  dev
    .command('down')
    .description('stop the local cluster and remove every trace of it')
    .option('--keep-data', 'keep the state for the next `berth dev up`', false)
    .action(
      asRoot(context, async (flags: { keepData: boolean }) => {
        const { down } = await import('../dev/dev-cluster.ts');
        const result = await down(context, flags);
        terminal.line(result === 'removed' ? 'The local cluster is gone.' : 'There is no local cluster.');
      }),
    );
  dev
    .command('status')
    .description('hosts, processes and what the cluster says of them')
    .action(async () => {
      const [{ stateOf }, { printDevStatus }] = await Promise.all([
        import('../dev/dev-cluster.ts'),
        import('../dev/dev-status.ts'),
      ]);
      await printDevStatus(terminal, context.folder, stateOf(context));
    });
  dev
    .command('reset')
    .description('down and up again with the same shape and empty state')
    .action(
      asRoot(context, async () => {
        const { reset } = await import('../dev/dev-cluster.ts');
        const result = await explained(terminal, context, () => reset(context));
        await reportUp(terminal, context, result.state.demoUrl !== undefined, result);
      }),
    );
}

/** A start that fails, or that the user breaks off, leaves something behind: says so. */
async function explained<T>(terminal: Terminal, { folder }: DevContext, start: () => Promise<T>): Promise<T> {
  const hint = `logs are in ${folder.path}/logs; \`berth dev down\` removes what was started`;
  const onInterrupt = (): void => {
    terminal.line();
    terminal.error(`interrupted; ${hint}`);
    process.exit(130);
  };
  process.once('SIGINT', onInterrupt);
  try {
    return await start();
  } catch (error) {
    if (existsSync(folder.path)) terminal.error(hint);
    throw error;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

function upOptions({ dcs, demo, isolated, nodes, port, schedulerConfig, servers }: UpFlags): UpOptions {
  return {
    shape: {
      ...(isolated === undefined ? {} : { isolated }),
      ...(dcs === undefined ? {} : { dataCenters: dcs }),
      ...(nodes === undefined ? {} : { nodesPerDataCenter: nodes }),
      ...(servers === undefined ? {} : { servers }),
      ...(schedulerConfig === undefined ? {} : { schedulerConfig: resolve(schedulerConfig) }),
    },
    frontDoorPort: port,
    demo,
  };
}

async function reportUp(terminal: Terminal, context: DevContext, demo: boolean, result: UpResult): Promise<void> {
  const { nextSteps, printDevStatus } = await import('../dev/dev-status.ts');
  if (result.kind === 'already-up') {
    terminal.line('The local cluster is running already:');
    terminal.line();
    await printDevStatus(terminal, context.folder, result.state);
  } else {
    const what = demo ? 'from start to answering demo' : 'from start to all nodes Ready';
    const verdict = result.kind === 'started' ? 'The cluster is up' : 'What was missing of the cluster is up';
    terminal.line();
    terminal.line(terminal.style('bold', `${verdict}: ${what} in ${(result.tookMs / 1000).toFixed(1)} s.`));
  }
  terminal.line();
  for (const line of nextSteps(context.folder, result.state)) terminal.line(line);
}

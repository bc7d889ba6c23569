import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { realWorld } from '@berth/world';
import { Command, InvalidArgumentError } from 'commander';
import { devFolder } from '../dev/cluster-state.ts';
import { type DevContext, down, freeze, kill, link, start, stateOf, up } from '../dev/dev-cluster.ts';
import { nextSteps, printDevStatus } from '../dev/dev-status.ts';
import { openFrontDoor } from '../dev/front-door.ts';
import { openWanEmulator, type WanDelays } from '../dev/isolated/wan-emulator.ts';
import { freeNetwork } from '../dev/local-network.ts';
import { terminalSteps } from '../terminal/steps.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `berth dev`: a whole cluster on this machine, and the means to hurt it. */
export function devCommand(terminal: Terminal, folderPath: string): Command {
  const context: DevContext = {
    folder: devFolder(folderPath),
    steps: terminalSteps(terminal, realWorld.clock),
    world: realWorld,
  };
  const dev = new Command('dev').description('a whole cluster on this machine, to try, develop and break');
  addLifecycle(dev, terminal, context);
  addFaults(dev, context);
  addInternals(dev);
  return dev;
}

function addLifecycle(dev: Command, terminal: Terminal, context: DevContext): void {
  dev
    .command('up')
    .description('start the local cluster, or find it running')
    .option('--dcs <count>', 'data centers', wholeNumber, 2)
    .option('--nodes <count>', 'nodes in each data center', wholeNumber, 2)
    .option('--servers <count>', 'servers, spread over the data centers', wholeNumber, 3)
    .option(
      '--isolated',
      'every host with namespaces and a Docker Engine of its own, a real network between data centers (Linux, root)',
      false,
    )
    .option('--port <port>', 'loopback port for kubectl; 0 = any free one', wholeNumber, 6443)
    .option('--demo', 'deploy a small web application and wait until it answers', false)
    .action(
      async (flags: {
        dcs: number;
        nodes: number;
        servers: number;
        isolated: boolean;
        port: number;
        demo: boolean;
      }) => {
        const result = await up(context, {
          isolated: flags.isolated,
          dataCenters: flags.dcs,
          nodesPerDataCenter: flags.nodes,
          servers: flags.servers,
          network: freeNetwork(),
          frontDoorPort: flags.port,
          demo: flags.demo,
        });
        if (result.kind === 'already-up') {
          terminal.line('The local cluster is running already:');
          terminal.line();
          await printDevStatus(terminal, context.folder, result.state);
        } else {
          const what = flags.demo ? 'from start to answering demo' : 'from start to all nodes Ready';
          terminal.line();
          terminal.line(
            terminal.style('bold', `The cluster is up: ${what} in ${(result.tookMs / 1000).toFixed(1)} s.`),
          );
        }
        terminal.line();
        for (const line of nextSteps(context.folder, result.state)) terminal.line(line);
      },
    );
  dev
    .command('down')
    .description('stop the local cluster and remove every trace of it')
    .option('--keep-data', 'keep the state for the next `berth dev up`', false)
    .action(async (flags: { keepData: boolean }) => {
      const result = await down(context, flags);
      terminal.line(result === 'removed' ? 'The local cluster is gone.' : 'There is no local cluster.');
    });
  dev
    .command('status')
    .description('hosts, processes and what the cluster says of them')
    .action(async () => printDevStatus(terminal, context.folder, stateOf(context)));
  dev
    .command('reset')
    .description('down and up again with the same shape and empty state')
    .action(async () => {
      const { plan, frontDoor, demoUrl } = stateOf(context);
      await down(context, { keepData: false });
      const nodes = plan.hosts.filter((host) => host.role === 'node').length / plan.dataCenters;
      const servers = plan.hosts.length - nodes * plan.dataCenters;
      const options = {
        isolated: plan.isolated,
        dataCenters: plan.dataCenters,
        nodesPerDataCenter: nodes,
        servers,
        network: plan.network,
      };
      const result = await up(context, {
        ...options,
        frontDoorPort: frontDoor?.port ?? 0,
        demo: demoUrl !== undefined,
      });
      for (const line of nextSteps(context.folder, result.state)) terminal.line(line);
    });
}

function addFaults(dev: Command, context: DevContext): void {
  dev
    .command('kill <host>')
    .description('power cut: everything on the host ends at once')
    .action((host: string) => kill(context, host));
  dev
    .command('start <host>')
    .description('power on a killed host')
    .action((host: string) => start(context, host));
  dev
    .command('freeze <host>')
    .description('the host hangs; its network link stays up')
    .action((host: string) => freeze(context, host, 'frozen'));
  dev
    .command('thaw <host>')
    .description('a frozen host goes on')
    .action((host: string) => freeze(context, host, 'running'));
  dev
    .command('link <dc1> <dc2>')
    .description('quality of the way between two data centers (needs --isolated)')
    .option('--latency <time>', 'one way, e.g. 40ms', milliseconds, 0)
    .option('--loss <share>', 'of the packets, each way, e.g. 1%', percent, 0)
    .option('--cut', 'nothing passes', false)
    .option('--heal', 'back to a perfect link', false)
    .action(async (from: string, to: string, flags: { latency: number; loss: number; cut: boolean; heal: boolean }) => {
      const quality = flags.heal
        ? { latencyMs: 0, lossPercent: 0, cut: false }
        : { latencyMs: flags.latency, lossPercent: flags.loss, cut: flags.cut };
      await link(context, dataCenter(from), dataCenter(to), quality);
    });
}

/** Processes that `up` and `link` start beside servers and agents. */
function addInternals(dev: Command): void {
  dev
    .command('front-door', { hidden: true })
    .requiredOption('--port <port>', '', wholeNumber)
    .requiredOption('--ca <file>')
    .requiredOption('--port-file <file>')
    .requiredOption('--server <host:port...>')
    .action(async (flags: { port: number; ca: string; portFile: string; server: readonly string[] }) => {
      const door = await openFrontDoor({
        port: flags.port,
        servers: flags.server,
        ca: readFileSync(flags.ca, 'utf8'),
        world: realWorld,
      });
      writeWhole(flags.portFile, String(door.port));
    });
  dev
    .command('wan-emulator', { hidden: true })
    .requiredOption('--config <file>')
    .requiredOption('--port-file <file>')
    .action(async (flags: { config: string; portFile: string }) => {
      const read = (): WanDelays => JSON.parse(readFileSync(flags.config, 'utf8')) as WanDelays;
      const emulator = await openWanEmulator(realWorld, read());
      process.on('SIGHUP', () => emulator.replace(read()));
      writeWhole(flags.portFile, String(emulator.port));
    });
}

function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.next`, text);
  renameSync(`${file}.next`, file);
}

/** `dc-2`, `dc2` or `2`. */
function dataCenter(text: string): number {
  return Number(/^(?:dc-?)?(\d+)$/.exec(text)?.[1] ?? Number.NaN);
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`wanted a whole number, got "${text}"`);
  return Number(text);
}

function milliseconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]) * (match[2] === 's' ? 1000 : 1);
  if (!(value >= 0 && value <= 10_000))
    throw new InvalidArgumentError(`wanted a time such as 40ms, at most 10s, got "${text}"`);
  return value;
}

function percent(text: string): number {
  const value = Number(/^(\d+(?:\.\d+)?)%$/.exec(text)?.[1] ?? Number.NaN);
  if (!(value >= 0 && value <= 100)) throw new InvalidArgumentError(`wanted a share such as 1%, got "${text}"`);
  return value;
}

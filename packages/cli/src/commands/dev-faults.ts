import type { Command } from 'commander';
import type { DevContext } from '../dev/dev-cluster.ts';
import type { LinkQuality } from '../dev/fleet.ts';
import { asRoot } from './as-root.ts';
import { dataCenter, milliseconds, percent } from './flag-values.ts';

/** Commands that hurt the hosts and links of a local cluster, and heal them. */
export function addFaults(dev: Command, context: DevContext): void {
  const cluster = () => import('../dev/dev-cluster.ts');
  dev
    .command('kill <host>')
    .description('power cut: everything on the host ends at once')
    .action(asRoot(context, async (host: string) => (await cluster()).kill(context, host)));
  dev
    .command('start <host>')
    .description('power on a killed host')
    .action(asRoot(context, async (host: string) => (await cluster()).start(context, host)));
  dev
    .command('freeze <host>')
    .description('the host hangs; its network link stays up')
    .action(asRoot(context, async (host: string) => (await cluster()).freeze(context, host, 'frozen')));
  dev
    .command('thaw <host>')
    .description('a frozen host goes on')
    .action(asRoot(context, async (host: string) => (await cluster()).freeze(context, host, 'running')));
  dev
    .command('link')
    .argument('<dc1>', 'a data center', dataCenter)
    .argument('<dc2>', 'another one', dataCenter)
    .description('quality of the way between two data centers (needs --isolated)')
    .option('--latency <time>', 'one way, e.g. 40ms', milliseconds)
    .option('--loss <share>', 'of the packets, each way, e.g. 1%', percent)
    .option('--cut', 'nothing passes')
    .option('--heal', 'back to a perfect link')
    .action(
      asRoot(context, async (from: number, to: number, flags: LinkFlags) =>
        (await cluster()).link(context, from, to, linkQuality(flags)),
      ),
    );
}

interface LinkFlags {
  readonly latency?: number;
  readonly loss?: number;
  readonly cut?: boolean;
  readonly heal?: boolean;
}

/** What is not said is perfect: a command describes the whole link. */
function linkQuality({ cut, heal, latency, loss }: LinkFlags): LinkQuality {
  const isSaid = cut === true || latency !== undefined || loss !== undefined;
  if (isSaid === (heal === true)) throw new Error('say how the link is to be: --latency, --loss and --cut, or --heal');
  return { latencyMs: latency ?? 0, lossPercent: loss ?? 0, cut: cut === true };
}

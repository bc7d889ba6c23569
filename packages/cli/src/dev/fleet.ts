import type { Steps } from '../terminal/steps.ts';
import type { HostPlan } from './cluster-plan.ts';
import type { LaunchedProcess } from './launched-process.ts';

/** Quality of the way between two data centers. */
export interface LinkQuality {
  /** One way, 0 to 10,000. */
  readonly latencyMs: number;
  /** Of packets, each way, 0 to 100. */
  readonly lossPercent: number;
  readonly cut: boolean;
}

/**
 * The machines of a local cluster. Two kinds: names on this machine that share its kernel and its Docker Engine,
 * or hosts in namespaces of their own with a real network between data centers.
 */
export interface Fleet {
  /** Makes networks, addresses and hosts; safe to call when they exist. Throws when another cluster's are in the way. */
  prepare(steps: Steps): Promise<void>;
  /** Starts the Berth process of a host, detached. */
  launch(host: HostPlan, args: readonly string[]): Promise<LaunchedProcess>;
  /** Path of the Docker socket of a node, as a process on that node sees it. */
  engineSocket(host: HostPlan): string;
  /** Paths of all engines as seen from this process, each once. */
  engines(): readonly string[];
  /** Power cut: everything of the host ends at once, disks stay. */
  kill(host: HostPlan): Promise<void>;
  /** Power on after a kill: the host is there again, without a Berth process. */
  boot(host: HostPlan): Promise<void>;
  /** The host hangs: its containers do not run, its network link stays up. */
  freeze(host: HostPlan): Promise<void>;
  thaw(host: HostPlan): Promise<void>;
  link(from: number, to: number, quality: LinkQuality): Promise<void>;
  /** Tells the network which pod addresses belong to which node, once the nodes have them. */
  nodesKnown(podCidrs: Readonly<Record<string, string>>): Promise<void>;
  /** Removes everything that `prepare` and the agents made, also after half a start; no Berth process runs any more. */
  remove(options: { readonly keepData: boolean }): Promise<void>;
}

import type { Taint } from '@berth/api';
import type { World } from '@berth/world';
import type { ResourceList } from './node/node-resources.ts';

/** Everything an agent is told from outside; `parseAgentOptions` makes it of command line flags. */
export interface AgentOptions {
  /** Of the node; a DNS-1123 subdomain of at most 50 characters. */
  readonly name: string;
  /** Identity, volumes on disk. Absolute. */
  readonly dataDir: string;
  /** Volumes in memory, what is assigned. Absolute; made a tmpfs when it is none. */
  readonly runtimeDir: string;
  /** `https://host:port`; needed to join, afterwards the servers are known. */
  readonly servers: readonly string[];
  readonly token: string | undefined;
  /** The node's address; by default the one that leads out of the machine. */
  readonly nodeIp: string | undefined;
  /** Gives the address to the node's bridge, for several nodes on one machine. */
  readonly createNodeIp: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly engineSocket: string;
  /**
   * A process that sees the files the engine sees, for an agent in a container (which then needs the machine's process and network namespaces);
   * undefined when the agent sees them itself.
   */
  readonly machinePid: number | undefined;
  readonly reserved: ResourceList;
  readonly podsMax: number;
  /** `host:port` on a loopback address; undefined = none. */
  readonly metricsListen: string | undefined;
  readonly logLevel: LogLevel;
  readonly world?: World;
}

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

import type { AgentOptions } from '../agent-options.ts';
import type { Machine } from '../machine.ts';
import { diskSpace, nodeSystemInfo } from './machine-facts.ts';
import { nodeAllocatable, nodeCapacity } from './node-resources.ts';
import type { NodeFacts } from './node-status.ts';

/** Puts together what the node says of itself. */
export async function describeNode(options: AgentOptions, machine: Machine, nodeIp: string): Promise<NodeFacts> {
  const { engineInfo, commands, folders } = machine;
  const { cpus, memoryBytes, architecture } = engineInfo;
  const { totalBytes: diskBytes } = await diskSpace(folders.own(options.dataDir));
  const capacity = nodeCapacity({ cpus, memoryBytes, diskBytes }, options.podsMax);
  return {
    name: options.name,
    labels: {
      // The node's name, not the machine's: several nodes may share one machine, and pods are spread by this label.
      'kubernetes.io/hostname': options.name,
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': architecture,
      ...options.labels,
    },
    taints: options.taints,
    addresses: [nodeIp],
    capacity,
    allocatable: nodeAllocatable(capacity, options.reserved),
    system: await nodeSystemInfo(engineInfo, commands.filePrefix),
  };
}

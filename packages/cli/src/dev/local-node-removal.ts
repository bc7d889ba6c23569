import type { HostPlan } from './cluster-plan.ts';

/** Removes what an agent made on this machine for one node: containers, bridge, rules, mounts, folders. */
export async function removeLocalNode(host: HostPlan, dataDir: string): Promise<void> {
  const { cleanup } = await import('@berth/node-agent');
  await cleanup({ nodeName: host.name, dataDir });
}

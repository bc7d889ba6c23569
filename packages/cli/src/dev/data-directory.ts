import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { HostPlan } from './cluster-plan.ts';

/** Files that servers and agents write last when they join: from then on they need no token. */
const membershipFiles = { server: 'server.json', node: 'identity/identity.json' } as const;

/** Whether the host with this data directory has joined the cluster before. */
export function isMember(role: HostPlan['role'], dataDir: string): boolean {
  return existsSync(join(dataDir, membershipFiles[role]));
}

/** Where a server leaves the kubeconfig of the administrator. Known here too: to ask the server's package would load all of it. */
export function adminKubeconfig(dataDir: string): string {
  return join(dataDir, 'admin.kubeconfig');
}

import { createHash } from 'node:crypto';
import type { NodeScope } from '../pod/container-identity.ts';

/** Names of network interfaces end at 15 characters: they carry hashes. */
function short(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 8);
}

/** Short name of a node, unique among all nodes of all clusters on one machine. */
function nodeTag({ clusterId, nodeName }: NodeScope): string {
  return short('node', clusterId, nodeName);
}

/** Short name of a cluster on this machine. */
export function clusterTag(clusterId: string): string {
  return short('cluster', clusterId);
}

/** The node's bridge. */
export function bridgeName(scope: NodeScope): string {
  return `br-${nodeTag(scope)}`;
}

/** The machine's end of a sandbox's wire. */
export function wireName(sandboxId: string): string {
  return `bv${short('wire', sandboxId)}`;
}

/** nftables table with the services of a cluster; one in each network namespace. */
export function serviceTableName(clusterId: string): string {
  return `berth-${clusterTag(clusterId)}`;
}

/** nftables table of one node: host ports and what belongs to its bridge. */
export function nodeTableName(scope: NodeScope): string {
  return `berth-node-${nodeTag(scope)}`;
}

/** Mark of our routes in the kernel's tables (`proto`), so that we find them again and touch no others. */
export const routeProtocol = 190;

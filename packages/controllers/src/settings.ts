import type { Resource } from './controller.ts';

/** A kind that the API serves, as the loops that work on every kind need to know it. */
export interface ServedKind {
  readonly resource: Resource;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** When a silent node counts as lost, and what follows. */
export interface NodeLossSettings {
  /** From the end of a node's last session to `Ready=Unknown`. Default 2 s. */
  readonly nodeLossAfterMs: number;
  /** What a leader that is new, or stood still for a second, gives every node to report before it judges. Default 4 s. */
  readonly newLeaderGraceMs: number;
  /** From `Ready=Unknown` to the start of replacements elsewhere. Default 1 s. */
  readonly replaceLostAfterMs: number;
  /** How long a lost pod may come back before it is deleted. Default 10 min. */
  readonly lostPodLifetimeMs: number;
}

export interface ControllerSettings extends NodeLossSettings {
  /** Finished pods kept in the whole cluster; the oldest beyond are deleted. Default 12,500, as Kubernetes. */
  readonly terminatedPodsMax: number;
  /** From the last occurrence of an event to its deletion. Default 1 h. */
  readonly eventLifetimeMs: number;
  /** Certificate of the cluster's CA, PEM: what pods verify the API server with. */
  readonly rootCaPem: string;
  /** First address of the service range: the cluster IP of the service `kubernetes`. */
  readonly kubernetesServiceIp: string;
  /** Every kind that is stored. */
  readonly kinds: readonly ServedKind[];
}

export const defaultTimings: Omit<ControllerSettings, 'rootCaPem' | 'kubernetesServiceIp' | 'kinds'> = {
  nodeLossAfterMs: 2_000,
  newLeaderGraceMs: 4_000,
  replaceLostAfterMs: 1_000,
  lostPodLifetimeMs: 600_000,
  terminatedPodsMax: 12_500,
  eventLifetimeMs: 3_600_000,
};

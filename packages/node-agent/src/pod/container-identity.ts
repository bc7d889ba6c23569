/**
 * What a container is to us, written into its labels when it is made: with them a new agent process knows everything that
 * the one before knew. Labels never change afterwards.
 */
export const label = {
  cluster: 'berth.dev/cluster',
  node: 'berth.dev/node',
  namespace: 'berth.dev/namespace',
  pod: 'berth.dev/pod',
  uid: 'berth.dev/uid',
  role: 'berth.dev/role',
  container: 'berth.dev/container',
  attempt: 'berth.dev/attempt',
  sandbox: 'berth.dev/sandbox',
  hash: 'berth.dev/hash',
  backoffSeconds: 'berth.dev/backoff-seconds',
  podIp: 'berth.dev/pod-ip',
  hostPorts: 'berth.dev/host-ports',
} as const;

export type ContainerRole = 'sandbox' | 'init' | 'container';

/** Of a sandbox, or of a container that runs in one. */
export type ContainerIdentity = SandboxIdentity | MemberIdentity;

interface PodMember {
  readonly uid: string;
  readonly namespace: string;
  readonly pod: string;
  /** 0 for the first of its name, then counting up; a container's is Kubernetes' restartCount. */
  readonly attempt: number;
}

export interface SandboxIdentity extends PodMember {
  readonly role: 'sandbox';
  /** Empty when the pod uses the machine's network. */
  readonly podIp: string;
  /** Ports of the machine that lead to the pod, see `host-ports.ts`; empty for none. */
  readonly hostPorts: string;
}

export interface MemberIdentity extends PodMember {
  readonly role: 'init' | 'container';
  readonly container: string;
  /** Engine id of the sandbox whose namespaces it joined. */
  readonly sandboxId: string;
  /** Of the part of the specification that may change in place; another hash means: replace it. */
  readonly hash: string;
  /** How long to wait before the next attempt when this one ends early. */
  readonly backoffSeconds: number;
}

export interface NodeScope {
  readonly clusterId: string;
  readonly nodeName: string;
}

/** The labels by which a node finds its own containers again. */
export function scopeLabels(scope: NodeScope): Readonly<Record<string, string>> {
  return { [label.cluster]: scope.clusterId, [label.node]: scope.nodeName };
}

export function identityLabels(scope: NodeScope, identity: ContainerIdentity): Readonly<Record<string, string>> {
  const shared = {
    ...scopeLabels(scope),
    [label.namespace]: identity.namespace,
    [label.pod]: identity.pod,
    [label.uid]: identity.uid,
    [label.role]: identity.role,
    [label.attempt]: String(identity.attempt),
  };
  if (identity.role === 'sandbox')
    return { ...shared, [label.podIp]: identity.podIp, [label.hostPorts]: identity.hostPorts };
  return {
    ...shared,
    [label.container]: identity.container,
    [label.sandbox]: identity.sandboxId,
    [label.hash]: identity.hash,
    [label.backoffSeconds]: String(identity.backoffSeconds),
  };
}

/** Undefined when the labels are not ours, or somebody has made a container with half of them. */
export function parseIdentity(labels: Readonly<Record<string, string>>): ContainerIdentity | undefined {
  const uid = labels[label.uid];
  const attempt = wholeNumber(labels[label.attempt]);
  if (uid === undefined || uid === '' || attempt === undefined) return undefined;
  const shared = { uid, attempt, namespace: labels[label.namespace] ?? '', pod: labels[label.pod] ?? '' };
  const role = labels[label.role];
  if (role === 'sandbox') {
    return { ...shared, role, podIp: labels[label.podIp] ?? '', hostPorts: labels[label.hostPorts] ?? '' };
  }
  const container = labels[label.container];
  if ((role !== 'init' && role !== 'container') || container === undefined) return undefined;
  return {
    ...shared,
    role,
    container,
    sandboxId: labels[label.sandbox] ?? '',
    hash: labels[label.hash] ?? '',
    backoffSeconds: wholeNumber(labels[label.backoffSeconds]) ?? 0,
  };
}

/** Unique on the machine, so that two tries to make the same container meet in a `conflict`, not in two containers. */
export function containerName(identity: ContainerIdentity): string {
  const name = identity.role === 'sandbox' ? 'sandbox' : identity.container;
  return `berth_${name}_${identity.pod}_${identity.namespace}_${identity.uid}_${identity.attempt}`;
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

import type { Node, Pod } from '@berth/api';

/** A server as `GET /berth/v1/servers` tells of it. */
export interface ServerEntry {
  readonly name: string;
  /** `host:port`. */
  readonly apiAddress: string;
  /** In the consensus group; empty where the engine has no members. */
  readonly role?: string;
  readonly zone?: string;
  readonly version?: string;
}

/** What `berth status` has found out. */
export interface ClusterReport {
  readonly servers: readonly ServerEntry[];
  /** Empty when there is none. */
  readonly leader: string;
  readonly leaderlessBecause: string;
  readonly unreadyServers: ReadonlySet<string>;
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
}

/** Problems of one kind are counted beyond so many. */
const namedMax = 5;

/** One sentence per problem, the gravest first; empty when all is well. */
export function problemsOf(report: ClusterReport): readonly string[] {
  return [
    ...serverProblems(report),
    ...limited(report.nodes.flatMap(nodeProblem), 'nodes'),
    ...limited(report.pods.flatMap(podProblem), 'pods'),
  ];
}

function serverProblems({ leader, leaderlessBecause, servers, unreadyServers }: ClusterReport): readonly string[] {
  const problems: string[] = [];
  if (leader === '') {
    problems.push(`no server leads, so nothing can be changed: ${leaderlessBecause || 'an election is under way'}`);
  }
  for (const name of unreadyServers) problems.push(`server ${name} does not answer here, or is not ready`);
  const voters = servers.filter(({ role }) => role === 'voter');
  const spare = voters.length - unreadyServers.size - (Math.floor(voters.length / 2) + 1);
  if (voters.length > 2 && unreadyServers.size > 0 && spare === 0)
    problems.push('the loss of one more server would stop all changes');
  return problems;
}

function nodeProblem({ metadata, status }: Node): readonly string[] {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True') return [];
  const why = ready === undefined ? 'it has never reported' : `${ready.reason ?? ''}: ${ready.message ?? ''}`;
  return [`node ${metadata.name} is not ready: ${why}`];
}

function podProblem({ metadata, status }: Pod): readonly string[] {
  const name = `pod ${metadata.namespace}/${metadata.name}`;
  const phase = status?.phase ?? 'Pending';
  if (metadata.deletionTimestamp !== undefined || phase === 'Succeeded') return [];
  if (status?.reason === 'NodeLost') return [`${name} was on a node that is lost`];
  if (phase === 'Failed') return [`${name} has failed: ${status?.reason ?? status?.message ?? 'see its logs'}`];
  const waiting = status?.containerStatuses?.find(({ state }) => state?.waiting !== undefined);
  const because = waiting?.state?.waiting;
  if (because?.reason !== undefined && !['ContainerCreating', 'PodInitializing'].includes(because.reason)) {
    return [`${name}: container ${waiting?.name} waits, ${because.reason}: ${because.message ?? ''}`];
  }
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') return [`${name} has no node: ${scheduled.message ?? scheduled.reason ?? ''}`];
  return [];
}

/** `4 Running, 2 Unknown`: by phase, but as kubectl's STATUS has it where the phase says what is no longer known or true. */
export function podCounts(pods: readonly Pod[]): string {
  const counts = new Map<string, number>();
  for (const pod of pods) {
    const word = podState(pod);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const parts = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([word, count]) => `${count} ${word}`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}

function podState({ metadata, status }: Pod): string {
  if (status?.reason === 'NodeLost') return 'Unknown';
  return metadata.deletionTimestamp === undefined ? (status?.phase ?? 'Pending') : 'Terminating';
}

function limited(problems: readonly string[], what: string): readonly string[] {
  if (problems.length <= namedMax) return problems;
  return [...problems.slice(0, namedMax), `${problems.length - namedMax} more ${what} have problems`];
}

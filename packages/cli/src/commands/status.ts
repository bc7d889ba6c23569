import type { Node, Pod } from '@berth/api';
import type { ApiClient } from '../client/api-client.ts';
import { formatTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type ClusterReport, podCounts, problemsOf, type ServerEntry } from './cluster-problems.ts';

interface ServerList {
  readonly clusterId: string;
  readonly servedBy: string;
  readonly leader: string;
  readonly reason?: string;
  readonly revision: number;
  readonly items: readonly ServerEntry[];
}

/** Servers that do not answer in this time are counted as down. */
const answerTimeoutMs = 2_000;

/** `berth status`: servers, nodes, pods by phase, and a sentence for every problem. Exit code 1 when there is one. */
export async function status(client: ApiClient, terminal: Terminal): Promise<number> {
  const servers = await client.json<ServerList>({ path: '/berth/v1/servers' });
  const report = await readReport(client, servers);
  const { items, leader, servedBy } = servers;
  terminal.line(`Cluster ${servers.clusterId}, revision ${servers.revision}, as ${servedBy} sees it`);
  terminal.line();
  const rows = items.map((server) => [
    server.name,
    report.unreadyServers.has(server.name) ? terminal.style('red', 'down') : terminal.style('green', 'ready'),
    server.name === leader ? 'leader' : (server.role ?? ''),
    server.zone ?? '',
    server.apiAddress,
    server.version ?? '',
  ]);
  for (const line of formatTable([['SERVER', 'STATE', 'ROLE', 'ZONE', 'ADDRESS', 'VERSION'], ...rows]))
    terminal.line(line);
  terminal.line();
  const ready = report.nodes.filter(({ status: said }) =>
    said?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
  );
  terminal.line(`Nodes: ${ready.length} of ${report.nodes.length} ready`);
  terminal.line(`Pods: ${podCounts(report.pods)}`);
  const problems = problemsOf(report);
  terminal.line();
  if (problems.length === 0) {
    terminal.line(terminal.style('green', 'All is well.'));
    return 0;
  }
  for (const problem of problems) terminal.line(`${terminal.style('red', '!')} ${problem}`);
  return 1;
}

/** Without a quorum nodes and pods are read from this server's own state, which may be old. */
async function readReport(client: ApiClient, servers: ServerList): Promise<ClusterReport> {
  const query = servers.leader === '' ? { resourceVersion: '0' } : {};
  const [nodes, pods, unready] = await Promise.all([
    client.json<{ readonly items: readonly Node[] }>({ path: '/api/v1/nodes', query }),
    client.json<{ readonly items: readonly Pod[] }>({ path: '/api/v1/pods', query }),
    Promise.all(servers.items.map((server) => isReady(client, server).then((ok) => (ok ? [] : [server.name])))),
  ]);
  return {
    servers: servers.items,
    leader: servers.leader,
    leaderlessBecause: servers.reason ?? '',
    unreadyServers: new Set(unready.flat()),
    nodes: nodes.items,
    pods: pods.items,
  };
}

async function isReady(client: ApiClient, { apiAddress }: ServerEntry): Promise<boolean> {
  try {
    await client
      .at(`https://${apiAddress}`)
      .text({ path: '/readyz', accept: '*/*', signal: AbortSignal.timeout(answerTimeoutMs) });
    return true;
  } catch {
    return false;
  }
}

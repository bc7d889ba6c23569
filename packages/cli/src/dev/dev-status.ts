import { ApiClient } from '../client/api-client.ts';
import { loadKubeconfig } from '../client/kubeconfig.ts';
import { formatTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { zoneName } from './cluster-plan.ts';
import { type ClusterState, type DevFolder, livingProcess } from './cluster-state.ts';

interface NodeItem {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[];
  };
}

/** One line per host: where it stands, whether its process lives, what the cluster says of it. */
export async function printDevStatus(terminal: Terminal, folder: DevFolder, state: ClusterState): Promise<void> {
  const said = await clusterSays(folder);
  const rows = state.plan.hosts.map((host) => {
    const launched = livingProcess(state, host.name);
    const answer = host.role === 'node' ? (said.get(host.name) ?? '-') : '-';
    return [
      host.name,
      host.role,
      zoneName(host.dataCenter),
      host.address,
      launched !== undefined ? terminal.style('green', `running (${launched.pid})`) : terminal.style('red', 'down'),
      answer === 'Ready' ? terminal.style('green', answer) : answer,
    ];
  });
  for (const line of formatTable([['NAME', 'ROLE', 'ZONE', 'ADDRESS', 'PROCESS', 'CLUSTER SAYS'], ...rows]))
    terminal.line(line);
}

async function clusterSays(folder: DevFolder): Promise<ReadonlyMap<string, string>> {
  try {
    using client = new ApiClient(loadKubeconfig(folder.kubeconfig));
    const { items } = await client.json<{ readonly items: readonly NodeItem[] }>({
      path: '/api/v1/nodes',
      signal: AbortSignal.timeout(3_000),
    });
    return new Map(
      items.map(({ metadata, status }) => {
        const ready = status?.conditions?.find(({ type }) => type === 'Ready');
        return [metadata.name, ready?.status === 'True' ? 'Ready' : `NotReady (${ready?.reason ?? 'no report yet'})`];
      }),
    );
  } catch {
    return new Map();
  }
}

/** What to do next, after `up`. */
export function nextSteps(folder: DevFolder, state: ClusterState): readonly string[] {
  const demo = state.demoUrl === undefined ? [] : [`  open       ${state.demoUrl}`];
  return [
    ...demo,
    `  kubeconfig ${folder.kubeconfig}`,
    '',
    'Try next:',
    `  export KUBECONFIG=${folder.kubeconfig}`,
    '  kubectl get nodes -L topology.kubernetes.io/zone        (or ./berth get nodes)',
    ...(state.demoUrl === undefined
      ? []
      : [
          '  kubectl scale deployment hello --replicas 8             and watch the page',
          '  kubectl delete pod -l app=hello                         every copy is replaced',
        ]),
    '  ./berth dev kill node-1                                 a machine dies; its pods run elsewhere',
    '  ./berth dev status',
    '  npm run down                                            removes every trace',
  ];
}

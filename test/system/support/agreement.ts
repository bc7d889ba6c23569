import type { Pod } from '@berth/api';
import { serverUrls } from './api-client.ts';
import type { Cluster } from './cluster.ts';
import { containerIds } from './pod-facts.ts';
import { until } from './waiting.ts';

/** Waits until the engines of all hosts run exactly the containers that the API tells of: no pod twice, none missing. */
export async function untilEnginesAgree(cluster: Cluster, namespace: string, withinMs: number): Promise<void> {
  const engines = (await cluster.nodes()).map(({ name }) => cluster.engineOf(name));
  await until({
    what: `the engines run the containers of ${namespace} that the API tells of, and no others`,
    withinMs,
    async look() {
      const pods = await cluster.kubectl.in(namespace).json<{ items: Pod[] }>('get', 'pods');
      const running = await Promise.all(engines.map((engine) => engine.runningOf({ namespace })));
      return { told: containerIds(pods.items), running: [...new Set(running.flat().map(({ Id }) => Id))].sort() };
    },
    isSo: ({ told, running }) => String(told) === String(running),
  });
}

const compared = 'pods,replicasets,deployments,services,endpointslices,configmaps,nodes';

/** Waits until every server answers with the same objects. */
export async function untilServersAgree(cluster: Cluster, namespace: string, withinMs: number): Promise<void> {
  const servers = (await serverUrls(cluster)).map((url) =>
    cluster.kubectl.with({}, '--server', url, '--namespace', namespace),
  );
  await until({
    what: 'all servers answer with the same objects',
    withinMs,
    look: () => Promise.all(servers.map((server) => server.run('get', compared, '--output', 'yaml'))),
    isSo: (answers) => new Set(answers).size === 1,
  });
}

import type { Pod } from '@berth/api';
import { killContainer, loseContainer, replacePod } from '../../system/scenarios/container-loss.ts';
import { loseLeader } from '../../system/scenarios/leader-loss.ts';
import { loseNodes, untilReadyNode } from '../../system/scenarios/node-loss.ts';
import { adminCredentials } from '../../system/support/api-client.ts';
import type { Cluster } from '../../system/support/cluster.ts';
import { Docker } from '../../system/support/docker.ts';
import { nodeOf, restartsOf, untilReady } from '../../system/support/pod-facts.ts';
import { patience, promises } from '../../system/support/promises.ts';
import { ensureTestImages } from '../../system/support/test-image.ts';
import { until } from '../../system/support/waiting.ts';
import { app, BenchedCluster, deployWorkload, namespace, patienceMs, replicas } from './benched-cluster.ts';
import type { Repetitions, Series } from './series.ts';

/** Everything that is promised of the plain local cluster: 3 servers and 4 nodes in 2 data centers. */
export async function localClusterTimes(series: Series, { starts, usual }: Repetitions): Promise<void> {
  await using cluster = new BenchedCluster();
  for (let repetition = 0; repetition < starts; repetition++) {
    await cluster.down();
    series.add(promises.demoAnswers, await startWithDemo(cluster));
  }
  await ensureTestImages();
  await deployWorkload(cluster);
  for (let repetition = 0; repetition < usual; repetition++) await loseContainers(series, cluster);
  for (let repetition = 0; repetition < usual; repetition++) await loseNode(series, cluster);
  for (let repetition = 0; repetition < usual; repetition++) await loseTheLeader(series, cluster);
}

/** As the command itself measures it: from the first step to the demo's answer. */
async function startWithDemo(cluster: Cluster): Promise<number> {
  const said = await cluster.dev('up', '--demo', '--port', '0');
  const took = /from start to answering demo in ([\d.]+) s/.exec(said)?.[1];
  if (took === undefined) throw new Error(`berth dev up does not say how long it took:\n${said}`);
  return Number(took) * 1000;
}

/** Each loss meets a pod of its own that was never restarted: after a restart the back-off counts. */
async function loseContainers(series: Series, cluster: Cluster): Promise<void> {
  const kubectl = cluster.kubectl.in(namespace);
  const place = { kubectl, docker: new Docker(), namespace, app };
  const pods = await untilReady(kubectl, namespace, { app, count: replicas, withinMs: patienceMs });
  const [first, second, third] = pods.filter((pod) => restartsOf(pod) === 0);
  if (first === undefined || second === undefined || third === undefined)
    throw new Error('three pods without a restart were wanted');
  const { containerKilled, containerRemoved, podDeleted } = promises;
  series.add(containerKilled, await killContainer(place, first, patience(containerKilled)));
  series.add(containerRemoved, await loseContainer(place, second, patience(containerRemoved)));
  series.add(podDeleted, await replacePod(place, third, patience(podDeleted)));
  await Promise.all([first, second].map((pod) => renew(cluster, pod)));
}

async function renew({ kubectl }: Cluster, { metadata }: Pod): Promise<void> {
  await kubectl.in(namespace).run('delete', 'pod', metadata.name ?? '');
}

const victim = 'node-4';

async function loseNode(series: Series, cluster: Cluster): Promise<void> {
  const kubectl = cluster.kubectl.in(namespace);
  await until({
    what: `${victim} has a pod`,
    withinMs: patienceMs,
    async look() {
      const pods = await untilReady(kubectl, namespace, { app, count: replicas, withinMs: patienceMs });
      const own = pods.filter((pod) => nodeOf(pod) === victim);
      // After a loss the others have them all, until they are made anew.
      if (own.length === 0) {
        await kubectl.run('rollout', 'restart', `deployment/${app}`);
        await kubectl.run('rollout', 'status', `deployment/${app}`);
      }
      return own.length;
    },
    isSo: (count) => count > 0,
  });
  const limitMs = patience(promises.nodeLost);
  series.add(
    promises.nodeLost,
    await loseNodes({ cluster, kubectl, namespace, app, count: replicas, limitMs }, [victim]),
  );
  await cluster.start(victim);
  await untilReadyNode(cluster.kubectl, victim, patienceMs);
}

async function loseTheLeader(series: Series, cluster: Cluster): Promise<void> {
  const credentials = await adminCredentials(cluster);
  const limitMs = patience(promises.leaderLost);
  const { leader, nextWriteMs } = await loseLeader({ cluster, credentials, namespace, limitMs });
  series.add(promises.leaderLost, nextWriteMs);
  await cluster.start(leader);
  await cluster.kubectl.in(namespace).run('delete', 'configmaps', '--all');
}

import { loseNodes, podsOn, untilReadyNode } from '../../system/scenarios/node-loss.ts';
import { untilReady } from '../../system/support/pod-facts.ts';
import { patience, promises } from '../../system/support/promises.ts';
import { copyTestImages } from '../../system/support/test-image.ts';
import { app, BenchedCluster, deployWorkload, namespace, patienceMs, replicas } from './benched-cluster.ts';
import type { Repetitions, Series } from './series.ts';

/** Power cuts of whole hosts, one after the other, in a cluster of three data centers with a server and a node each. */
export async function hostLosses(series: Series, { usual }: Repetitions): Promise<void> {
  await using cluster = new BenchedCluster();
  await cluster.down();
  await cluster.dev('up', '--isolated', '--dcs', '3', '--nodes', '1', '--port', '0');
  const nodes = (await cluster.nodes()).map(({ name }) => name);
  await copyTestImages(nodes.map((name) => cluster.engineSocket(name)));
  await deployWorkload(cluster);
  const kubectl = cluster.kubectl.in(namespace);
  const limitMs = patience(promises.hostLost);
  for (let repetition = 0; repetition < usual; repetition++) {
    await untilReady(kubectl, namespace, { app, count: replicas, withinMs: patienceMs });
    const victim = await busiest(nodes, async (name) => (await podsOn(kubectl, app, name)).length);
    const loss = { cluster, kubectl, namespace, app, count: replicas, limitMs };
    series.add(promises.hostLost, await loseNodes(loss, [victim]));
    await cluster.start(victim);
    await untilReadyNode(cluster.kubectl, victim, patienceMs);
  }
}

/** The one with the most pods: after a loss they need not be spread evenly. */
async function busiest(names: readonly string[], countOf: (name: string) => Promise<number>): Promise<string> {
  const counted = await Promise.all(names.map(async (name) => ({ name, count: await countOf(name) })));
  const [first] = counted.toSorted((a, b) => b.count - a.count);
  if (first === undefined) throw new Error('the cluster has no nodes');
  return first.name;
}

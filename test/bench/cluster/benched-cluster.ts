import { Cluster } from '../../system/support/cluster.ts';
import { spreadOver, webDeployment } from '../../system/support/manifests.ts';
import { untilReady } from '../../system/support/pod-facts.ts';

export const namespace = 'bench';
export const app = 'web';
export const replicas = 6;
/** For what is not measured. */
export const patienceMs = 60_000;

/** A cluster that is taken down at the end of the scope, also after a failure. */
export class BenchedCluster extends Cluster implements AsyncDisposable {
  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
  }
}

/** Six pods spread over all nodes; resolves when they are Ready. */
export async function deployWorkload({ kubectl }: Cluster): Promise<void> {
  await kubectl.run('create', 'namespace', namespace);
  const topologySpreadConstraints = [
    spreadOver('topology.kubernetes.io/zone', app),
    spreadOver('kubernetes.io/hostname', app),
  ];
  await kubectl.in(namespace).apply(webDeployment({ name: app, replicas, spec: { topologySpreadConstraints } }));
  await untilReady(kubectl, namespace, { app, count: replicas, withinMs: patienceMs });
}

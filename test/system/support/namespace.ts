import { afterAll, beforeAll } from 'vitest';
import type { Cluster } from './cluster.ts';
import type { Kubectl } from './kubectl.ts';

/** A namespace of their own for the tests of one story: what they leave in it does not disturb the next one. */
export function storyNamespace(cluster: Cluster, name: string): Kubectl {
  beforeAll(async () => {
    await cluster.kubectl.run('create', 'namespace', name);
  });
  afterAll(async () => {
    await cluster.kubectl.run('delete', 'namespace', name, '--wait=false');
  });
  return cluster.kubectl.in(name);
}

import { afterAll, beforeAll, describe } from 'vitest';
import { kubectlVersions } from './api/kubectl-versions.ts';
import { readingCommands } from './api/reading-commands.ts';
import { refusals } from './api/refusals.ts';
import { writingCommands } from './api/writing-commands.ts';
import { suiteWithCluster } from './support/cluster-suite.ts';
import { webDeployment } from './support/manifests.ts';

const cluster = suiteWithCluster((each) => each.dev('up', '--dcs', '1', '--nodes', '2', '--port', '0'));
const versions = kubectlVersions(cluster.kubectl);

describe(`kubectl ${versions.map(({ version }) => version).join(', ')}`, () => {
  beforeAll(async () => {
    for (const { kubectl, slug } of versions) {
      await cluster.kubectl.run('create', 'namespace', slug);
      await kubectl.apply(webDeployment({ name: 'web', replicas: 2 }));
    }
    for (const { kubectl } of versions) await kubectl.run('rollout', 'status', 'deployment/web', '--timeout=60s');
  });
  afterAll(() => cluster.kubectl.run('delete', 'namespaces', ...versions.map(({ slug }) => slug), '--wait=false'));

  readingCommands(versions);
  writingCommands(versions);
});

describe('what the API refuses', () => refusals(cluster));

import { describe, expect, test } from 'vitest';
import { admin } from '../registry/engine-fixture.ts';
import { kubectlReleases, presentReleases } from './kubectl.ts';
import { done, kubectlStories } from './kubectl-host.ts';

test('the stories below are told with every release of kubectl that this machine has', () => {
  expect(kubectlReleases).toEqual(expect.arrayContaining([...presentReleases()]));
});

/** What everybody does first, with every release that must work. */
describe.each(presentReleases())('kubectl %s', (release) => {
  const { story } = kubectlStories(release);

  story('version and api-resources', async ({ ok }) => {
    expect(await ok('version')).toContain('Server Version: v1.33.0+berth');
    const resources = await ok('api-resources', '-o', 'name');
    expect(resources.split('\n')).toEqual(
      expect.arrayContaining(['pods', 'deployments.apps', 'leases.coordination.k8s.io']),
    );
  });

  story('create: typed bodies, which are protobuf from 1.32 on', async ({ ok, kubectl: k }) => {
    expect(await ok('create', 'deployment', 'typed', '--image=web:1', '--replicas=2', '--port=80')).toBe(
      'deployment.apps/typed created\n',
    );
    await ok('create', 'configmap', 'typed', '--from-literal=a=b');
    await ok('create', 'secret', 'generic', 'typed', '--from-literal=p=geheim');
    await ok('create', 'namespace', 'typed');
    await ok('create', 'serviceaccount', 'typed');
    await ok('create', 'service', 'nodeport', 'typed', '--tcp=80:8080');
    const { spec, metadata } = JSON.parse(await ok('get', 'deployment', 'typed', '-o', 'json'));
    expect(metadata.creationTimestamp).toMatch(/^20\d\d-/);
    expect(spec.template.spec.containers).toMatchObject([
      { name: 'web', image: 'web:1', ports: [{ containerPort: 80, protocol: 'TCP' }] },
    ]);
    expect(JSON.parse(await ok('get', 'secret', 'typed', '-o', 'json')).data).toEqual({ p: 'Z2VoZWlt' });
    const { code, err } = await k.run('create', 'namespace', 'typed');
    expect([code, err]).toEqual([1, 'Error from server (AlreadyExists): namespaces "typed" already exists\n']);
  });

  story('apply: created, unchanged, configured; diff tells before', async ({ ok, kubectl: k }) => {
    const manifest = (image: string) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'applied' },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'applied' } },
        template: { metadata: { labels: { app: 'applied' } }, spec: { containers: [{ name: 'c', image }] } },
      },
    });
    expect(done(await k.feed(manifest('web:1'), 'apply'))).toBe('deployment.apps/applied created\n');
    expect(done(await k.feed(manifest('web:1'), 'apply'))).toBe('deployment.apps/applied unchanged\n');
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'applied' },
      spec: { ports: [{ port: 80 }] },
    };
    expect(done(await k.feed(service, 'apply'))).toBe('service/applied created\n');
    expect(done(await k.feed(service, 'apply'))).toBe('service/applied unchanged\n');
    const diff = await k.feed(manifest('web:2'), 'diff');
    expect([diff.code, diff.out]).toEqual([1, expect.stringMatching(/-\s+- image: web:1\n\+\s+- image: web:2/)]);
    expect(done(await k.feed(manifest('web:2'), 'apply'))).toBe('deployment.apps/applied configured\n');
    expect(JSON.parse(await ok('get', 'deploy', 'applied', '-o', 'json')).metadata.generation).toBe(2);
  });

  story('run, logs, describe, wait, expose and delete of a pod', async ({ ok, kubectl: k, registry }) => {
    expect(await ok('run', 'ran', '--image=web:1', '--port=80')).toBe('pod/ran created\n');
    await ok('expose', 'pod', 'ran');
    const ref = { resource: 'pods', namespace: 'default', name: 'ran' };
    const { metadata } = await registry.get(ref, { kind: 'linearizable' });
    await registry.bind('default', 'ran', metadata.uid, 'n1', admin);
    const waiting = k.run('wait', 'pod/ran', '--for=condition=Ready');
    const conditions = [{ type: 'Ready', status: 'True' }];
    await registry.modify(
      ref,
      'status',
      (now) => ({ ...now, status: { ...(now['status'] as object), phase: 'Running', conditions } }),
      admin,
    );
    expect(done(await waiting)).toBe('pod/ran condition met\n');
    expect(await ok('logs', 'ran')).toBe('n1 ran says hello\n');
    const description = await ok('describe', 'pod', 'ran');
    expect(description).toMatch(/Node:\s+n1\/\n/);
    expect(description).toMatch(/Status:\s+Running\n/);
    expect(await ok('describe', 'service', 'ran')).toMatch(/Selector:\s+run=ran\n/);
    expect(await ok('delete', 'service', 'ran')).toContain('service "ran" deleted');
    expect(await ok('delete', 'pod', 'ran', '--wait=false')).toContain('pod "ran" deleted');
    expect((await registry.get(ref, { kind: 'linearizable' })).metadata.deletionGracePeriodSeconds).toBe(30);
    expect((await k.run('delete', 'pod', 'ran', '--force', '--grace-period=0')).out).toContain(
      'pod "ran" force deleted',
    );
    expect(await ok('delete', 'pod', 'ran', '--ignore-not-found')).toBe('');
  });
});

import { describe, expect, test } from 'vitest';
import { admin, at } from '../registry/engine-fixture.ts';
import { kubectlReleases, presentReleases } from './kubectl.ts';
import { done, kubectlStories } from './kubectl-host.ts';

const ends = [...new Set([presentReleases().at(0), presentReleases().at(-1)])].filter(
  (release) => release !== undefined,
);

test('the stories below are told with releases that must work', () => {
  expect(kubectlReleases).toEqual(expect.arrayContaining(ends));
});

/** The other commands that need no machine, with the oldest and the newest release: those in between do the same. */
describe.each(ends)('kubectl %s', (release) => {
  const { story, host } = kubectlStories(release);

  story('a wrong file is refused with the path of the fault', async ({ kubectl: k }) => {
    const wrong = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'w' },
      spec: { contaners: [], containers: [{ name: 'c', image: 'x', imag: 'y' }] },
    };
    const { code, err } = await k.feed(wrong, 'create');
    expect(code).toBe(1);
    expect(err).toContain(
      'strict decoding error: unknown field "spec.containers[0].imag", unknown field "spec.contaners"',
    );
    expect(done(await k.feed(wrong, 'create', '--validate=false', '--dry-run=server'))).toBe(
      'pod/w created (server dry run)\n',
    );
    const invalid = await k.feed(
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'w' }, spec: { containers: [{ name: 'c' }] } },
      'create',
    );
    expect(invalid.err).toBe('The Pod "w" is invalid: spec.containers[0].image: Required value\n');
  });

  story('get, in every form of output', async ({ ok, kubectl: k }) => {
    await ok('create', 'configmap', 'formed', '--from-literal=a=b');
    await ok('label', 'configmap', 'formed', 'team=one');
    expect(await ok('get', 'cm', 'formed', '--no-headers')).toMatch(/^formed\s+1\s+\d+s\n$/);
    expect(await ok('get', 'configmap', '-l', 'team=one', '-o', 'name')).toBe('configmap/formed\n');
    expect(await ok('get', 'cm', 'formed', '-o', 'jsonpath={.data.a}')).toBe('b');
    expect(await ok('get', 'cm', 'formed', '-o', 'yaml')).toContain('\n  team: one\n'.trimStart());
    expect(await ok('get', 'cm', '-A', '--show-labels')).toMatch(/default\s+formed\s+1\s+\d+s\s+team=one/);
    expect(
      await ok('get', 'cm', '--field-selector', 'metadata.name=formed', '-o', 'custom-columns=N:.metadata.name'),
    ).toBe('N\nformed\n');
    expect(await ok('get', 'cm', '--sort-by=.metadata.name')).toContain('formed');
    expect(await ok('get', 'nodes', '-o', 'wide', '--show-labels')).toContain('n1');
    await ok('create', 'service', 'clusterip', 'formed', '--tcp=80');
    expect(await ok('get', 'all', '-A')).toMatch(
      /default\s+service\/formed\s+ClusterIP\s+10\.96\.\d+\.\d+\s+<none>\s+80\/TCP/,
    );
    expect(await ok('get', '--raw', '/api/v1/namespaces/default')).toContain('"kind":"Namespace"');
    const missing = await k.run('get', 'pod', 'missing');
    expect([missing.code, missing.err]).toEqual([1, 'Error from server (NotFound): pods "missing" not found\n']);
  });

  story('get -w follows changes', async ({ ok, kubectl: k }) => {
    await using watch = k.follow('get', 'configmap', '-w', '-o', 'name', '-l', 'watched=yes');
    const seen: (string | undefined)[] = [];
    await ok('create', 'configmap', 'followed', '--from-literal=a=b');
    await ok('label', 'configmap', 'followed', 'watched=yes');
    seen.push(await watch.line());
    await ok('annotate', 'configmap', 'followed', 'note=x');
    seen.push(await watch.line());
    expect(seen).toEqual(['configmap/followed', 'configmap/followed']);
  });

  story('patch, label, annotate, edit, set image, scale', async ({ ok, kubectl: k }) => {
    await ok('create', 'deployment', 'changed', '--image=web:1');
    await ok('patch', 'deployment', 'changed', '-p', '{"spec":{"minReadySeconds":5}}');
    await ok('patch', 'deployment', 'changed', '--type=merge', '-p', '{"metadata":{"labels":{"colour":"red"}}}');
    await ok(
      'patch',
      'deployment',
      'changed',
      '--type=json',
      '-p',
      '[{"op":"add","path":"/spec/paused","value":true}]',
    );
    await ok('annotate', 'deployment', 'changed', 'note=first');
    expect((await k.run('label', 'deployment', 'changed', 'colour=green')).code).toBe(1);
    expect(await ok('edit', 'deployment', 'changed')).toBe('deployment.apps/changed edited\n');
    await ok('set', 'image', 'deployment/changed', 'web=web:2');
    await ok('scale', 'deployment', 'changed', '--replicas=4');
    await ok('scale', 'deployment', 'changed', '--current-replicas=4', '--replicas=0');
    const { metadata, spec } = JSON.parse(await ok('get', 'deployment', 'changed', '-o', 'json'));
    expect(metadata.labels['colour']).toBe('blue');
    expect(metadata.annotations['note']).toBe('first');
    expect(spec).toMatchObject({ minReadySeconds: 5, paused: true, replicas: 0 });
    expect(spec.template.spec.containers[0].image).toBe('web:2');
  });

  story('rollout: status, history, undo, restart, pause and resume', async ({ ok, kubectl: k, registry }) => {
    await ok('create', 'deployment', 'rolled', '--image=web:1');
    const ref = { resource: 'deployments.apps', namespace: 'default', name: 'rolled' };
    const first = await registry.get(ref, { kind: 'linearizable' });
    await historyOf(first, '1', 'web:1');
    await ok('set', 'image', 'deployment/rolled', 'web=web:2');
    await historyOf(first, '2', 'web:2');
    await registry.modify(
      ref,
      'object',
      (now) => ({ ...now, metadata: { ...now.metadata, annotations: { 'deployment.kubernetes.io/revision': '2' } } }),
      admin,
    );
    expect(await ok('rollout', 'history', 'deployment/rolled')).toMatch(/REVISION.*\n1\s+<none>\n2\s+<none>\n/);
    expect(await ok('rollout', 'undo', 'deployment/rolled')).toBe('deployment.apps/rolled rolled back\n');
    const undone = await registry.get(ref, { kind: 'linearizable' });
    expect(JSON.stringify(undone['spec'])).toContain('web:1');
    await ok('rollout', 'restart', 'deployment/rolled');
    await ok('rollout', 'pause', 'deployment/rolled');
    await ok('rollout', 'resume', 'deployment/rolled');
    const waiting = k.run('rollout', 'status', 'deployment/rolled');
    const report = (now: object) => ({
      ...now,
      status: {
        observedGeneration: at(now as never, 'metadata', 'generation'),
        replicas: 1,
        updatedReplicas: 1,
        readyReplicas: 1,
        availableReplicas: 1,
      },
    });
    await registry.modify(ref, 'status', report, admin);
    expect(done(await waiting)).toContain('deployment "rolled" successfully rolled out\n');
  });

  async function historyOf(owner: { metadata: { uid: string } }, revision: string, image: string): Promise<void> {
    const labels = { app: 'rolled', 'pod-template-hash': revision };
    const ownerReferences = [
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'rolled', uid: owner.metadata.uid, controller: true },
    ];
    const annotations = { 'deployment.kubernetes.io/revision': revision };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image }] } };
    const object = {
      metadata: { name: `rolled-${revision}`, labels, annotations, ownerReferences },
      spec: { selector: { matchLabels: labels }, template },
    };
    await host.registry.create('replicasets.apps', 'default', object, admin);
  }

  story('delete waits until the object is gone', async ({ kubectl: k, registry, marked }) => {
    const held = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'held', finalizers: ['example.com/held'] } };
    done(await k.feed(held, 'create'));
    const deletion = k.run('delete', 'configmap', 'held');
    const ref = { resource: 'configmaps', namespace: 'default', name: 'held' };
    await marked('configmaps', 'default/held');
    await registry.modify(ref, 'object', (now) => ({ ...now, metadata: { ...now.metadata, finalizers: [] } }), admin);
    expect(done(await deletion)).toContain('configmap "held" deleted');
  });

  story('cordon, uncordon, taint and drain of a node', async ({ ok, kubectl: k, registry }) => {
    expect(await ok('cordon', 'n1')).toBe('node/n1 cordoned\n');
    expect(await ok('get', 'node', 'n1')).toContain('SchedulingDisabled');
    expect(await ok('uncordon', 'n1')).toBe('node/n1 uncordoned\n');
    expect(await ok('taint', 'node', 'n1', 'dedicated=db:NoSchedule')).toBe('node/n1 tainted\n');
    expect(await ok('taint', 'node', 'n1', 'dedicated-')).toBe('node/n1 untainted\n');
    const { metadata } = await registry.create(
      'pods',
      'default',
      {
        metadata: { name: 'drained' },
        spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'web:1' }] },
      },
      admin,
    );
    await registry.bind('default', 'drained', metadata.uid, 'n1', admin);
    expect((await k.run('drain', 'n1', '--force')).out).toMatch(/pod\/drained evicted\nnode\/n1 drained\n/);
    expect(await ok('describe', 'node', 'n1')).toMatch(/Unschedulable:\s+true\n/);
    await ok('uncordon', 'n1');
  });

  story('explain knows every field', async ({ ok }) => {
    expect(await ok('explain', 'deployment.spec.strategy.rollingUpdate.maxSurge')).toContain('FIELD: maxSurge');
    expect(await ok('explain', 'pods.spec.containers')).toContain('image');
  });

  story('replace, with and without force', async ({ ok, kubectl: k }) => {
    await ok('create', 'configmap', 'replaced', '--from-literal=a=1');
    const next = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'replaced' }, data: { a: '2' } };
    expect(done(await k.feed(next, 'replace'))).toBe('configmap/replaced replaced\n');
    expect((await k.feed({ ...next, data: { a: '3' } }, 'replace', '--force')).out).toContain(
      'configmap/replaced replaced\n',
    );
    expect(await ok('get', 'cm', 'replaced', '-o', 'jsonpath={.data.a}')).toBe('3');
  });
});

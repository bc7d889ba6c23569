import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { webDeployment } from '../support/manifests.ts';
import { image, newerImage } from '../support/test-image.ts';
import { type Version, withEach, withEachInTurn } from './kubectl-versions.ts';

const timeout = '--timeout=60s';

/** Commands of kubectl that change something. Needs the Deployment `web` with two pods in each version's namespace. */
export function writingCommands(versions: readonly Version[]): void {
  const each = (step: (version: Version) => Promise<void>): (() => Promise<void>) => withEach(versions, step);

  test(
    'create of every kind that has a form of its own (typed bodies: protobuf from 1.32 on)',
    each(async ({ kubectl, slug }) => {
      await kubectl.run('create', 'namespace', `${slug}-more`);
      await kubectl.run('create', 'configmap', 'typed', '--from-literal=key=value');
      await kubectl.run('create', 'secret', 'generic', 'typed', '--from-literal=key=value');
      await kubectl.run(
        'create',
        'secret',
        'docker-registry',
        'pull',
        '--docker-server=r.example',
        '--docker-username=u',
        '--docker-password=p',
      );
      await kubectl.run('create', 'serviceaccount', 'typed');
      await kubectl.run('create', 'service', 'clusterip', 'typed', '--tcp=80:8080');
      await kubectl.run('create', 'service', 'nodeport', 'typed-port', '--tcp=80:8080');
      await kubectl.run('create', 'deployment', 'typed', `--image=${image}`, '--replicas=0', '--port=8080');
      expect(await kubectl.run('get', 'configmap', 'typed', '-o', 'jsonpath={.data.key}')).toBe('value');
      expect(await kubectl.run('get', 'secret', 'typed', '-o', 'go-template={{.data.key | base64decode}}')).toBe(
        'value',
      );
      expect(await kubectl.run('get', 'service', 'typed', '-o', 'jsonpath={.spec.ports[0].targetPort}')).toBe('8080');
      expect(
        await kubectl.run('get', 'deployment', 'typed', '-o', 'jsonpath={.spec.template.spec.containers[0].image}'),
      ).toBe(image);
      expect(await kubectl.refused('create', 'configmap', 'typed')).toContain('configmaps "typed" already exists');
      await kubectl.run('delete', 'namespace', `${slug}-more`, '--wait=false');
    }),
  );

  test(
    'create -f of YAML, of several documents, and of a List',
    each(async ({ kubectl }) => {
      const map = (name: string) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name },
        data: { made: 'by hand' },
      });
      await kubectl.feed(
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: from-yaml\ndata:\n  text: |\n    two\n    lines\n',
        'create',
      );
      expect(await kubectl.run('get', 'configmap', 'from-yaml', '-o', 'jsonpath={.data.text}')).toBe('two\nlines\n');
      expect(await kubectl.feed([map('one'), map('two')], 'create')).toBe(
        'configmap/one created\nconfigmap/two created\n',
      );
      const list = { apiVersion: 'v1', kind: 'List', items: [map('three'), map('four')] };
      expect(await kubectl.feed(JSON.stringify(list), 'create')).toBe(
        'configmap/three created\nconfigmap/four created\n',
      );
    }),
  );

  test(
    'apply: created, unchanged, configured; diff shows what would change; a dry run changes nothing',
    each(async ({ kubectl }) => {
      expect(await kubectl.apply(webDeployment({ name: 'applied', replicas: 0 }))).toBe(
        'deployment.apps/applied created\n',
      );
      expect(await kubectl.apply(webDeployment({ name: 'applied', replicas: 0 }))).toBe(
        'deployment.apps/applied unchanged\n',
      );
      const changed = JSON.stringify(webDeployment({ name: 'applied', replicas: 0, image: newerImage }));
      const diff = await kubectl.attempt(['diff', '-f', '-'], changed);
      expect(diff.code).toBe(1);
      expect(diff.stdout).toMatch(new RegExp(`^-.*image: ${image}$\n^\\+.*image: ${newerImage}$`, 'm'));
      await kubectl.feed(changed, 'apply', '--dry-run=server');
      expect(await kubectl.run('get', 'deployment', 'applied', '-o', 'jsonpath={..image}')).toBe(image);
      expect(await kubectl.feed(changed, 'apply')).toBe('deployment.apps/applied configured\n');
      expect((await kubectl.attempt(['diff', '-f', '-'], changed)).code).toBe(0);
    }),
  );

  test(
    'what a get wrote can be replaced',
    each(async ({ kubectl }) => {
      const object = await kubectl.json<{ data: Record<string, string> }>('get', 'configmap', 'one');
      await kubectl.feed(JSON.stringify({ ...object, data: { made: 'anew' } }), 'replace');
      expect(await kubectl.run('get', 'configmap', 'one', '-o', 'jsonpath={.data.made}')).toBe('anew');
    }),
  );

  test(
    'edit',
    each(async ({ kubectl }) => {
      const folder = mkdtempSync(join(tmpdir(), 'berth-edit-'));
      const editor = join(folder, 'editor');
      writeFileSync(editor, '#!/bin/sh\nsed -i "s/made: anew/made: in an editor/" "$1"\n');
      chmodSync(editor, 0o755);
      try {
        expect(await kubectl.with({ editor }).run('edit', 'configmap', 'one')).toContain('configmap/one edited');
      } finally {
        rmSync(folder, { recursive: true });
      }
      expect(await kubectl.run('get', 'configmap', 'one', '-o', 'jsonpath={.data.made}')).toBe('in an editor');
    }),
  );

  test(
    'patch: strategic, merge, JSON',
    each(async ({ kubectl }) => {
      const labels = (): Promise<string> =>
        kubectl.run('get', 'deployment', 'applied', '-o', 'jsonpath={.metadata.labels}');
      const strategic = {
        spec: { template: { spec: { containers: [{ name: 'web', env: [{ name: 'ADDED', value: 'yes' }] }] } } },
      };
      await kubectl.run('patch', 'deployment', 'applied', '--patch', JSON.stringify(strategic));
      expect(
        await kubectl.run(
          'get',
          'deployment',
          'applied',
          '-o',
          'jsonpath={..containers[0].image} {..containers[0].env[0].name}',
        ),
      ).toBe(`${newerImage} ADDED`);
      await kubectl.run(
        'patch',
        'deployment',
        'applied',
        '--type=merge',
        '--patch',
        '{"metadata":{"labels":{"merged":"yes"}}}',
      );
      expect(JSON.parse(await labels())).toEqual({ app: 'applied', merged: 'yes' });
      await kubectl.run(
        'patch',
        'deployment',
        'applied',
        '--type=json',
        '--patch',
        '[{"op":"remove","path":"/metadata/labels/merged"}]',
      );
      expect(JSON.parse(await labels())).toEqual({ app: 'applied' });
    }),
  );

  test(
    'label, annotate',
    each(async ({ kubectl }) => {
      await kubectl.run('label', 'configmap', 'one', 'two', 'tier=backend');
      expect(await kubectl.run('get', 'configmaps', '-l', 'tier in (backend)', '-o', 'name')).toBe(
        'configmap/one\nconfigmap/two\n',
      );
      expect(await kubectl.refused('label', 'configmap', 'one', 'tier=other')).toContain('--overwrite');
      await kubectl.run('label', 'configmap', 'one', 'tier-');
      await kubectl.run('annotate', 'configmap', 'one', 'why=because');
      expect(
        await kubectl.run('get', 'configmap', 'one', '-o', 'jsonpath={.metadata.labels} {.metadata.annotations.why}'),
      ).toBe(' because');
    }),
  );

  test(
    'scale, set image, rollout status, history, restart, pause, resume, undo',
    each(async ({ kubectl }) => {
      const rollout = (...args: readonly string[]): Promise<string> => kubectl.run('rollout', ...args);
      await kubectl.run('scale', 'deployment/web', '--replicas=1', '--current-replicas=2');
      await kubectl.run('set', 'image', 'deployment/web', `web=${newerImage}`);
      expect(await rollout('status', 'deployment/web', timeout)).toContain('successfully rolled out');
      expect(await rollout('history', 'deployment/web', '--revision=2')).toContain(newerImage);
      await rollout('undo', 'deployment/web', '--to-revision=1');
      await rollout('status', 'deployment/web', timeout);
      await rollout('pause', 'deployment/web');
      expect(await kubectl.run('get', 'deployment', 'web', '-o', 'jsonpath={.spec.paused}')).toBe('true');
      await rollout('resume', 'deployment/web');
      await rollout('restart', 'deployment/web');
      await rollout('status', 'deployment/web', timeout);
      expect(await rollout('history', 'deployment/web')).toMatch(/^2 .*\n3 .*\n4 /m);
    }),
  );

  test(
    'run and expose',
    each(async ({ kubectl, slug }) => {
      await kubectl.run(
        'run',
        'single',
        `--image=${image}`,
        '--image-pull-policy=Never',
        `--labels=app=single,of=${slug}`,
        '--port=8080',
      );
      await kubectl.run('expose', 'pod', 'single', '--port=80', '--target-port=8080');
      await kubectl.run(
        'expose',
        'deployment',
        'web',
        '--type=NodePort',
        '--port=80',
        '--target-port=8080',
        '--name=web-port',
      );
      await kubectl.run('wait', 'pod/single', '--for=condition=Ready', '--timeout=60s');
      expect(
        await kubectl.run(
          'get',
          'service',
          'single',
          '-o',
          'jsonpath={.spec.selector.app} {.spec.ports[0].targetPort}',
        ),
      ).toBe('single 8080');
      expect(
        Number(await kubectl.run('get', 'service', 'web-port', '-o', 'jsonpath={.spec.ports[0].nodePort}')),
      ).toBeGreaterThanOrEqual(30_000);
      expect(await kubectl.run('describe', 'service', 'single')).toMatch(/Endpoints: +10\.244\.\d+\.\d+:8080/);
    }),
  );

  test(
    'taint',
    withEachInTurn(versions, async ({ kubectl, slug }) => {
      const taints = (): Promise<string> =>
        kubectl.run('get', 'node', 'node-1', '-o', 'jsonpath={.spec.taints[*].key}');
      await kubectl.run('taint', 'nodes', 'node-1', `${slug}=there:PreferNoSchedule`);
      expect(await taints()).toContain(slug);
      await kubectl.run('taint', 'nodes', 'node-1', `${slug}-`);
      expect(await taints()).not.toContain(slug);
    }),
  );

  test(
    'cordon, drain, uncordon',
    withEachInTurn(versions, async ({ kubectl, slug }) => {
      const node = await kubectl.run('get', 'pod', 'single', '-o', 'jsonpath={.spec.nodeName}');
      await kubectl.run('cordon', node);
      expect(await kubectl.run('get', 'node', node, '--no-headers')).toMatch(/Ready,SchedulingDisabled/);
      const drained = await kubectl.run(
        'drain',
        node,
        '--force',
        '--ignore-daemonsets',
        '--delete-emptydir-data',
        '--grace-period=2',
        // Of one version alone: a drain looks into all namespaces.
        `--pod-selector=of=${slug}`,
        timeout,
      );
      expect(drained).toContain(`evicting pod ${slug}/single`);
      expect(await kubectl.run('get', 'pod', 'single', '--ignore-not-found')).toBe('');
      await kubectl.run('uncordon', node);
      expect(await kubectl.run('get', 'node', node, '--no-headers')).toMatch(/ Ready +/);
    }),
  );

  test(
    'delete by name, selector, file and all at once',
    each(async ({ kubectl }) => {
      expect(await kubectl.run('delete', 'configmap', 'one', 'two')).toBe(
        'configmap "one" deleted\nconfigmap "two" deleted\n',
      );
      await kubectl.run('delete', 'deployment', '-l', 'app=applied');
      expect(
        await kubectl.feed(
          JSON.stringify(webDeployment({ name: 'applied', replicas: 0 })),
          'delete',
          '--ignore-not-found',
        ),
      ).toBe('');
      await kubectl.run('delete', 'configmaps,secrets,services', '--all');
      expect(await kubectl.run('get', 'configmaps,secrets,services', '-o', 'name')).toMatch(
        /^(configmap\/kube-root-ca\.crt\n)?$/,
      );
      await kubectl.run('delete', 'deployment', 'web', '--cascade=foreground', timeout);
      expect(await kubectl.run('get', 'pods', '-l', 'app=web', '-o', 'name')).toBe('');
    }),
  );
}

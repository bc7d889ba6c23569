import { expect, test } from 'vitest';
import { singlePod } from '../support/manifests.ts';
import { until } from '../support/waiting.ts';
import { type Version, withEach } from './kubectl-versions.ts';

/** Commands of kubectl that change nothing. Needs the Deployment `web` with two pods in each version's namespace. */
export function readingCommands(versions: readonly Version[]): void {
  const each = (step: (version: Version) => Promise<void>): (() => Promise<void>) => withEach(versions, step);

  test(
    'version, api-resources, api-versions, cluster-info',
    each(async ({ kubectl }) => {
      expect(await kubectl.run('version')).toMatch(/Server Version: v1\.33\.\d+\+berth/);
      expect(await kubectl.run('api-resources', '--no-headers')).toMatch(
        /^deployments +deploy +apps\/v1 +true +Deployment$/m,
      );
      expect(await kubectl.run('api-versions')).toContain('discovery.k8s.io/v1\n');
      expect(await kubectl.run('cluster-info')).toContain('Kubernetes control plane');
    }),
  );

  test(
    'get: tables, wide, labels, sorted, selected',
    each(async ({ kubectl, slug }) => {
      expect(await kubectl.run('get', 'deployments')).toMatch(
        /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +2\/2 +2 +2 /,
      );
      expect(await kubectl.run('get', 'pods', '-o', 'wide')).toMatch(
        /^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES\n/,
      );
      expect(await kubectl.run('get', 'pods', '--show-labels', '-l', 'app=web', '--no-headers')).toMatch(/app=web/);
      expect(await kubectl.run('get', 'pods', '-l', 'app!=web')).toBe('');
      expect(await kubectl.run('get', 'pods', '-A', '--no-headers', '-l', 'app=web')).toMatch(
        new RegExp(`^${slug} +web-`, 'm'),
      );
      expect(await kubectl.run('get', 'pods', '--field-selector', 'status.phase=Pending')).toBe('');
      const created = '.metadata.creationTimestamp';
      expect((await kubectl.run('get', 'all', `--sort-by=${created}`, '-o', 'name')).split('\n')).toEqual(
        expect.arrayContaining([
          'deployment.apps/web',
          expect.stringMatching(/^replicaset\.apps\/web-/),
          expect.stringMatching(/^pod\/web-/),
        ]),
      );
    }),
  );

  test(
    'get: yaml, json, name, jsonpath, go-template, custom columns',
    each(async ({ kubectl }) => {
      expect(await kubectl.run('get', 'deployment', 'web', '-o', 'yaml')).toMatch(
        /^apiVersion: apps\/v1\nkind: Deployment\n/,
      );
      expect(await kubectl.json<{ kind: string; items: unknown[] }>('get', 'pods')).toMatchObject({
        kind: 'List',
        items: [{}, {}],
      });
      expect(await kubectl.run('get', 'deployment/web', '-o', 'name')).toBe('deployment.apps/web\n');
      expect(await kubectl.run('get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}')).toBe('2');
      expect(await kubectl.run('get', 'deployment', 'web', '-o', 'go-template={{.spec.replicas}}')).toBe('2');
      const columns = 'custom-columns=NAME:.metadata.name,WANTED:.spec.replicas';
      expect(await kubectl.run('get', 'deployments', '-o', columns, '--no-headers')).toMatch(/^web +2\n$/);
    }),
  );

  test(
    'get -w shows a change as it happens',
    each(async ({ kubectl }) => {
      await kubectl.run('create', 'configmap', 'watched', '--from-literal=a=1');
      await using watching = kubectl.start('get', 'configmaps', 'watched', '--watch', '--no-headers');
      const look = () => watching.stdout;
      await until({ what: 'the watch has begun', withinMs: 15_000, look, isSo: (seen) => /^watched +1 /m.test(seen) });
      await kubectl.run('patch', 'configmap', 'watched', '--type=merge', '--patch', '{"data":{"b":"2"}}');
      await until({ what: 'the change arrives', withinMs: 15_000, look, isSo: (seen) => /^watched +2 /m.test(seen) });
    }),
  );

  test(
    'describe of every kind there is',
    each(async ({ kubectl, slug }) => {
      expect(await kubectl.run('describe', 'deployment', 'web')).toMatch(
        /Replicas: +2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable/,
      );
      expect(await kubectl.run('describe', 'pods', '-l', 'app=web')).toMatch(/Normal +Started/);
      expect(await kubectl.run('describe', 'replicasets')).toMatch(/Controlled By: +Deployment\/web/);
      expect(await kubectl.run('describe', 'namespace', slug)).toMatch(/Status: +Active/);
      expect(await kubectl.run('describe', 'nodes', 'node-1')).toMatch(/Ready +True/);
      expect(await kubectl.run('describe', 'configmap', 'watched')).toContain('Data');
      expect(await kubectl.run('describe', 'serviceaccount', 'default')).toMatch(/Name: +default/);
    }),
  );

  test(
    'explain reads the documentation out of the schema',
    each(async ({ kubectl }) => {
      const said = await kubectl.run('explain', 'deployment.spec.strategy.rollingUpdate');
      expect(said).toMatch(/KIND: +Deployment/);
      expect(said).toContain('maxSurge');
      expect(await kubectl.run('explain', 'pods', '--recursive')).toContain('readinessProbe');
    }),
  );

  test(
    'events of a pod are listed',
    each(async ({ kubectl }) => {
      expect(await kubectl.run('events', '--for=deployment/web')).toContain('ScalingReplicaSet');
      expect(await kubectl.run('get', 'events', '--field-selector', 'reason=Scheduled', '--no-headers')).toContain(
        'Successfully assigned',
      );
    }),
  );

  test(
    'logs, and logs -f of several pods',
    each(async ({ kubectl }) => {
      expect(await kubectl.run('logs', 'deployment/web')).toContain('serving version 1\n');
      expect(await kubectl.run('logs', '-l', 'app=web', '--prefix')).toMatch(/\[pod\/web-\S+\/web\] serving version 1/);
      await kubectl.apply(
        singlePod('brief', { command: ['sh', '-c', 'echo first; sleep 1; echo last'] }, { restartPolicy: 'Never' }),
      );
      await kubectl.run('wait', 'pod/brief', '--for=jsonpath={.status.phase}=Running', '--timeout=30s').catch(() => {});
      expect(await kubectl.run('logs', '--follow', 'brief')).toBe('first\nlast\n');
    }),
  );

  test(
    'wait for conditions, fields and deletion',
    each(async ({ kubectl }) => {
      expect(await kubectl.run('wait', 'deployment/web', '--for=condition=Available', '--timeout=30s')).toContain(
        'condition met',
      );
      await kubectl.run('wait', 'pod/brief', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=30s');
      await kubectl.run('delete', 'pod', 'brief', '--wait=false');
      await kubectl.run('wait', 'pod/brief', '--for=delete', '--timeout=30s');
      expect(
        await kubectl.refused('wait', 'deployment/web', '--for=condition=Progressing=False', '--timeout=1s'),
      ).toContain('timed out');
    }),
  );
}

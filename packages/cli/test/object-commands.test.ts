import { realWorld } from '@berth/world';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { deleteObjects } from '../src/commands/delete.ts';
import { describe as describeObjects } from '../src/commands/describe.ts';
import { get } from '../src/commands/get.ts';
import type { GetOptions } from '../src/commands/get-options.ts';
import { logs } from '../src/commands/logs.ts';
import { scale } from '../src/commands/scale.ts';
import { type ClusterFixture, openCluster, paper } from './cluster-fixture.ts';

// Processes and sockets, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let cluster: ClusterFixture;
beforeAll(async () => {
  cluster = await openCluster();
  for (const name of ['red', 'blue']) {
    await create('/api/v1/namespaces/default/configmaps', { metadata: { name, labels: { colour: name } } });
  }
  await create('/api/v1/namespaces/default/secrets', {
    metadata: {
      name: 'key',
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"password":"Z2VoZWlt"}}' },
    },
    data: { password: 'Z2VoZWlt' },
  });
  await create('/apis/apps/v1/namespaces/default/deployments', {
    metadata: { name: 'web' },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'old', operator: 'DoesNotExist' }] },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
    },
  });
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

const create = (path: string, body: unknown): Promise<unknown> => cluster.client.json({ method: 'POST', path, body });

interface Printed {
  readonly code: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

async function got(words: readonly string[], options: GetOptions = {}): Promise<Printed> {
  const terminal = paper();
  const code = await get(cluster.client, terminal, words, options);
  return { code, ...terminal.take() };
}

const firstCells = (rows: readonly string[]): readonly string[] => rows.map((row) => row.split(/\s+/)[0] ?? '');

test('get prints the table that the server makes, columns three spaces apart', async () => {
  const { code, out } = await got(['configmaps'], { selector: 'colour' });
  expect(code).toBe(0);
  expect(out[0]).toBe('NAME   DATA   AGE');
  expect(out.slice(1).map((row) => row.replace(/\d+s$/, 'Ns'))).toEqual(['blue   0      Ns', 'red    0      Ns']);
});

test.each([['cm'], ['configmap'], ['ConfigMap'], ['configmaps']])('get %s means configmaps', async (type) => {
  expect(firstCells((await got([type, 'red'])).out)).toEqual(['NAME', 'red']);
});

test('names, selectors, TYPE/NAME', async () => {
  expect(firstCells((await got(['cm', 'red', 'blue'])).out)).toEqual(['NAME', 'red', 'blue']);
  expect(firstCells((await got(['cm'], { selector: 'colour in (red)' })).out)).toEqual(['NAME', 'red']);
  expect(firstCells((await got(['cm'], { fieldSelector: 'metadata.name=blue' })).out)).toEqual(['NAME', 'blue']);
  expect(firstCells((await got(['cm/red', 'deployment.apps/web'])).out)).toEqual([
    'NAME',
    'configmap/red',
    '',
    'NAME',
    'deployment.apps/web',
  ]);
});

test('several types stand below each other, their names with the type; empty ones are left out', async () => {
  const { out } = await got(['cm,pods,deploy'], { selector: 'colour=red' });
  expect(firstCells(out)).toEqual(['NAME', 'configmap/red']);
});

test('a name that is not there is reported, the others are printed, and the exit code is 1', async () => {
  expect(await got(['cm', 'red', 'green'], { output: 'name' })).toEqual({
    code: 1,
    out: ['configmap/red'],
    err: ['Error from server (NotFound): configmaps "green" not found'],
  });
});

test('nothing found is no error, and says where was looked', async () => {
  expect(await got(['pods'])).toEqual({ code: 0, out: [], err: ['No resources found in default namespace.'] });
  expect((await got(['pods'], { namespace: 'other' })).err).toEqual(['No resources found in other namespace.']);
  expect((await got(['pods'], { allNamespaces: true })).err).toEqual(['No resources found.']);
});

test('all namespaces put the namespace first, also where the resource has none', async () => {
  const { out } = await got(['cm'], { allNamespaces: true });
  expect(out[0]).toMatch(/^NAMESPACE +NAME/);
  expect(firstCells(out)).toContain('default');
  expect((await got(['namespaces'], { allNamespaces: true })).out[0]).toMatch(/^NAME /);
});

test('wide has more columns', async () => {
  expect((await got(['deploy'])).out[0]).not.toContain('IMAGES');
  expect((await got(['deploy'], { output: 'wide' })).out[0]).toContain('IMAGES');
});

test('yaml and json of one name are the object, of more a List whose items say their kind', async () => {
  const one = parse((await got(['cm', 'red'], { output: 'yaml' })).out.join('\n'));
  expect(one).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'red', labels: { colour: 'red' } } });
  const list = JSON.parse((await got(['cm,secrets'], { output: 'json', selector: 'colour' })).out.join('\n'));
  expect(list).toMatchObject({ apiVersion: 'v1', kind: 'List', items: [{ kind: 'ConfigMap' }, { apiVersion: 'v1' }] });
  expect((await got(['cm', 'green'], { output: 'yaml' })).out).toEqual([]);
});

test('an unknown type is refused with what there is', async () => {
  await expect(got(['podz'])).rejects.toThrow(/doesn't have a resource type "podz"; it has .*pods, .*deployments/);
  await expect(got(['pods/a', 'b'])).rejects.toThrow('all must be, got "b"');
});

test('get -w prints what is there, then every change', async () => {
  const terminal = paper();
  const watching = get(cluster.client, terminal, ['cm'], { watch: true, selector: 'watched' }).catch(() => undefined);
  expect(firstCells(await terminal.until(1))).toEqual(['NAME']);
  const path = '/api/v1/namespaces/default/configmaps';
  await create(path, { metadata: { name: 'seen', labels: { watched: 'yes' } }, data: { a: '1' } });
  await terminal.until(2);
  await cluster.client.json({ method: 'DELETE', path: `${path}/seen` });
  expect(firstCells(await terminal.until(3))).toEqual(['NAME', 'seen', 'seen']);
  void watching;
});

async function described(...words: string[]): Promise<Printed> {
  const terminal = paper();
  const code = await describeObjects(cluster.client, terminal, realWorld, words, {});
  return { code, ...terminal.take() };
}

test('describe prints what an object says, and its events', async () => {
  const { metadata } = await cluster.client.json<{ metadata: { uid: string } }>({
    path: '/api/v1/namespaces/default/configmaps/red',
  });
  await create('/api/v1/namespaces/default/events', {
    metadata: { name: 'red.1' },
    involvedObject: { kind: 'ConfigMap', name: 'red', namespace: 'default', uid: metadata.uid },
    type: 'Warning',
    reason: 'Faded',
    message: 'the red is not what it was',
    count: 3,
    source: { component: 'painter' },
    lastTimestamp: new Date(realWorld.clock.wallMs() - 630_000).toISOString(),
  });
  const { code, out } = await described('cm/red');
  expect(code).toBe(0);
  expect(out.slice(0, 4)).toEqual(['Name: red', 'Namespace: default', 'Labels:', '  colour: red']);
  expect(out.join('\n')).toMatch(
    /Events:\n {2}TYPE .*\n {2}Warning +Faded +10m \(x3\) +painter +the red is not what it was$/,
  );
});

test('describe tells of a secret only the sizes, also where a tool has noted its text', async () => {
  const text = (await described('secret', 'key')).out.join('\n');
  expect(text).toContain('password: 6 bytes');
  expect(text).not.toContain('Z2VoZWlt');
});

test('describe goes on after a name that is not there', async () => {
  const { code, err, out } = await described('cm', 'green', 'blue');
  expect([code, err.length, out[0]]).toEqual([1, 1, 'Name: blue']);
});

test('scale changes what is wanted', async () => {
  const terminal = paper();
  expect(await scale(cluster.client, terminal, ['deploy/web'], { replicas: 3 })).toBe(0);
  expect(terminal.take().out).toEqual(['deployment.apps/web scaled']);
  const { out } = await got(['deploy', 'web'], { output: 'json' });
  expect(JSON.parse(out.join('\n')).spec.replicas).toBe(3);
  await scale(cluster.client, terminal, ['deployment', 'web'], { replicas: 0 });
  await expect(scale(cluster.client, terminal, ['deploy'], { replicas: 1 })).rejects.toThrow('deployment/NAME');
  await expect(scale(cluster.client, terminal, ['deploy/green'], { replicas: 1 })).rejects.toThrow('not found');
});

test('logs of an owner are those of one of its pods', async () => {
  const terminal = paper();
  const labels = { app: 'idle' };
  await create('/apis/apps/v1/namespaces/default/deployments', {
    metadata: { name: 'idle' },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
    },
  });
  await expect(logs(cluster.client, terminal, 'deployment/idle', {})).rejects.toThrow(
    'deployment/idle has no pods in namespace default',
  );
  await expect(logs(cluster.client, terminal, 'cm/red', {})).rejects.toThrow('configmaps select no pods');
  await expect(logs(cluster.client, terminal, 'green', {})).rejects.toThrow('pods "green" not found');
});

async function deleted(
  words: readonly string[],
  options: Partial<Parameters<typeof deleteObjects>[3]>,
): Promise<Printed> {
  const terminal = paper();
  const code = await deleteObjects(cluster.client, terminal, words, { wait: true, ...options });
  return { code, ...terminal.take() };
}

const path = '/api/v1/namespaces/default/configmaps';

test('delete by name, by selector, by file; what is gone already is reported', async () => {
  for (const name of ['d1', 'd2', 'd3', 'd4']) await create(path, { metadata: { name, labels: { doomed: name } } });
  expect(await deleted(['cm', 'd1', 'd9'], {})).toEqual({
    code: 1,
    out: ['configmap "d1" deleted'],
    err: ['Error from server (NotFound): configmaps "d9" not found'],
  });
  expect((await deleted(['cm/d1'], { ignoreNotFound: true })).code).toBe(0);
  expect((await deleted(['cm'], { selector: 'doomed in (d2, d3)' })).out).toEqual([
    'configmap "d2" deleted',
    'configmap "d3" deleted',
  ]);
  const file = await cluster.file('d4.yaml', '{apiVersion: v1, kind: ConfigMap, metadata: {name: d4}}');
  expect((await deleted([], { filename: [file] })).out).toEqual(['configmap "d4" deleted']);
  expect((await got(['cm'], { selector: 'doomed', output: 'name' })).out).toEqual([]);
});

test('delete waits until the object is gone', async () => {
  await create(path, { metadata: { name: 'held', finalizers: ['test.berth.dev/hold'] } });
  const deleting = deleted(['cm', 'held'], {});
  const released = cluster.client
    .open({ path, query: { watch: true, fieldSelector: 'metadata.name=held', resourceVersion: '0' } })
    .then(async (stream) => {
      for await (const chunk of stream) if (String(chunk).includes('deletionTimestamp')) break;
      return cluster.client.json({
        method: 'PATCH',
        path: `${path}/held`,
        contentType: 'application/merge-patch+json',
        body: { metadata: { finalizers: null } },
      });
    });
  expect(await Promise.race([deleting.then(() => 'deleted'), released.then(() => 'released')])).toBe('released');
  expect((await deleting).code).toBe(0);
});

test.each([
  [['cm'], {}, 'by NAME, by -l SELECTOR, or --all'],
  [['cm', 'a'], { all: true }, 'one of these'],
  [[], {}, 'name what to delete'],
  [['cm', 'a'], { filename: ['x.yaml'] }, 'not by both'],
] as const)('delete %j with %j says what is missing', async (words, options, message) => {
  await expect(deleted(words, options)).rejects.toThrow(message);
});

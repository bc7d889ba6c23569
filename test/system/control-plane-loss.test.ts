import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loseLeader } from './scenarios/leader-loss.ts';
import { untilEnginesAgree } from './support/agreement.ts';
import { ApiClient, adminCredentials, type Credentials, type StatusView, serverUrls } from './support/api-client.ts';
import { ChangeRecord } from './support/change-record.ts';
import { suiteWithCluster } from './support/cluster-suite.ts';
import { Docker, lifeOf } from './support/docker.ts';
import { ask } from './support/http-answers.ts';
import { webDeployment } from './support/manifests.ts';
import { record } from './support/measured-times.ts';
import { nodesReadySince } from './support/node-facts.ts';
import { untilReady } from './support/pod-facts.ts';
import { patience, promises } from './support/promises.ts';
import { type RefusedWrites, untilWritesRefused } from './support/refused-writes.ts';
import { until } from './support/waiting.ts';
import type { AcknowledgedWrite, CountedObject } from './support/write-stream.ts';

const cluster = suiteWithCluster((each) => each.dev('up', '--dcs', '2', '--nodes', '1', '--port', '0'));
/** Where the pods live that must notice nothing. */
const home = 'control-plane-loss';
const kubectl = cluster.kubectl.in(home);
const docker = new Docker();
const serverNames = ['server-1', 'server-2', 'server-3'];
let credentials: Credentials;
let urls: readonly string[] = [];
let serviceUrl = '';

beforeAll(async () => {
  credentials = await adminCredentials(cluster);
  urls = await serverUrls(cluster);
  await kubectl.run('create', 'namespace', home);
  await kubectl.apply(webDeployment({ name: 'web', replicas: 4 }));
  await kubectl.run('expose', 'deployment', 'web', '--port=80', '--target-port=http');
  await untilReady(kubectl, home, { app: 'web', count: 4, withinMs: 60_000 });
  serviceUrl = `http://${await kubectl.run('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}')}/`;
});

/** Waits until all servers answer and know the leader. */
async function untilAllReady(): Promise<void> {
  for (const url of urls) {
    using client = new ApiClient(url, credentials);
    await until({
      what: `${url} is ready`,
      withinMs: 30_000,
      look: () => client.ask({ path: '/readyz' }),
      isSo: ({ code }) => code === 200,
    });
  }
}

/** Starts every server that is down; does nothing when all run. */
async function startServers(): Promise<void> {
  for (const { name, pid, role } of await cluster.hosts())
    if (role === 'server' && pid === undefined) await cluster.start(name);
  await untilAllReady();
}

describe('SIGKILL for the leader under a stream of writes', () => {
  afterAll(startServers);
  const namespace = 'stream';
  let writes: readonly AcknowledgedWrite[] = [];
  let stored: readonly CountedObject[] = [];
  let records: readonly ChangeRecord[] = [];
  let killed = '';
  let uidsBefore = '';
  let readyBefore = '';
  const podUids = (): Promise<string> =>
    kubectl.run('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].metadata.uid}');

  test('the next write is acknowledged in time, and clients at all servers go on', async () => {
    await untilReady(kubectl, home, { app: 'web', count: 4, withinMs: 60_000 });
    [uidsBefore, readyBefore] = [await podUids(), await nodesReadySince(kubectl)];
    await kubectl.run('create', 'namespace', namespace);
    const resourceVersion = await kubectl.run(
      'get',
      'namespace',
      namespace,
      '-o',
      'jsonpath={.metadata.resourceVersion}',
    );
    records = urls.map(
      (_, first) =>
        new ChangeRecord({
          servers: [...urls.slice(first), ...urls.slice(0, first)],
          credentials,
          namespace,
          resourceVersion,
        }),
    );
    const limitMs = patience(promises.leaderLost);
    const { leader, nextWriteMs, stream } = await loseLeader({ cluster, credentials, namespace, limitMs });
    killed = leader;
    writes = stream.acknowledged;
    record(promises.leaderLost, nextWriteMs);
    expect(nextWriteMs, stream.failures.slice(0, 5).join('\n')).toBeLessThan(limitMs);
    expect(await cluster.leader()).not.toBe(leader);
  });

  test('every acknowledged write is there', async () => {
    stored = (await kubectl.in(namespace).json<{ items: CountedObject[] }>('get', 'configmaps', '-l', '!absent')).items;
    const present = new Map(stored.map((object) => [object.metadata.name, object]));
    for (const { name, count, resourceVersion } of writes) {
      const object = present.get(name);
      expect(object, `${name} was acknowledged`).toBeDefined();
      expect(Number(object?.data?.count)).toBeGreaterThanOrEqual(Number(count));
      expect(Number(object?.metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(resourceVersion));
    }
  });

  test('watchers at all servers have seen every change once and in order, across the election', async () => {
    const last = Math.max(...stored.map(({ metadata }) => Number(metadata.resourceVersion)));
    for (const watcher of records) {
      await until({
        what: `a watcher has seen version ${last}`,
        withinMs: 15_000,
        look: () => watcher.version,
        isSo: (seen) => seen >= last,
      });
      await watcher[Symbol.asyncDispose]();
      const versions = watcher.changes.map(({ object }) => Number(object.metadata.resourceVersion));
      expect(versions, 'in order, none twice').toEqual([...new Set(versions)].sort((a, b) => a - b));
      const seen = new Set(watcher.lines.map((line) => line.replace(/^\S+ /, '')));
      const missed = writes.filter(
        ({ name, count, resourceVersion }) => !seen.has(`${name} =${count} @${resourceVersion}`),
      );
      expect(missed, 'acknowledged writes that a watcher did not see').toEqual([]);
      expect(watcher.lines, 'all watchers have seen the same').toEqual(records[0]?.lines);
    }
    expect(
      records.some(({ opened }) => opened > 1),
      'the watch of the killed server was taken up elsewhere',
    ).toBe(true);
  });

  test('the killed server is started, catches up and serves the same', async () => {
    await startServers();
    const [url] = urls.filter((_, index) => serverNames[index] === killed);
    const fromKilled = kubectl.with({}, '--server', url ?? '', '--namespace', namespace);
    const { items } = await fromKilled.json<{ items: CountedObject[] }>('get', 'configmaps', '-l', '!absent');
    expect(items).toEqual(stored);
    await kubectl.run('delete', 'namespace', namespace, '--wait=false');
  });

  test('meanwhile no node was taken for lost and no pod was replaced', async () => {
    expect(await nodesReadySince(kubectl)).toBe(readyBefore);
    expect(await podUids()).toBe(uidsBefore);
  });
});

describe('two of three servers lost', () => {
  afterAll(startServers);
  let survivor: ApiClient;
  const map = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
  const configMaps = `/api/v1/namespaces/${home}/configmaps`;
  let refused: RefusedWrites;

  test('writes and consistent reads are refused with a Status that says why', async () => {
    survivor = new ApiClient(urls[2] ?? '', credentials);
    await Promise.all(['server-1', 'server-2'].map((name) => cluster.killProcess(name)));
    refused = await untilWritesRefused(survivor, home, 30_000);
    expect(refused.status).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'ServiceUnavailable' });
    expect(refused.status.message).toMatch(/no quorum: .*nothing was applied/);
    const read = await survivor.ask({ path: `/api/v1/namespaces/${home}/pods`, timeoutMs: 15_000 });
    expect(read.body).toMatchObject({ kind: 'Status', code: 503 });
    expect((read.body as StatusView).message).toContain('?consistency=stale');
    expect((await survivor.ask({ path: '/readyz' })).code).toBe(500);
    expect((await survivor.ask({ path: '/livez' })).code).toBe(200);
  });

  test('what the survivor knows can be read when asked for as such, and the pods serve on', async () => {
    const stale = await survivor.ask({ path: `/api/v1/namespaces/${home}/pods?consistency=stale` });
    expect((stale.body as { items: unknown[] }).items).toHaveLength(4);
    const anyVersion = await survivor.ask({ path: `/api/v1/namespaces/${home}/pods?resourceVersion=0` });
    expect((anyVersion.body as { items: unknown[] }).items).toHaveLength(4);
    expect((await ask(serviceUrl)).status).toBe(200);
  });

  test('with a second server back, writes are accepted again, and nothing that was refused is there', async () => {
    await cluster.start('server-1');
    await until({
      what: 'a write is acknowledged',
      withinMs: 30_000,
      look: () => survivor.ask({ method: 'POST', path: configMaps, body: map('found') }),
      isSo: ({ code }) => code === 201 || code === 409,
    });
    survivor[Symbol.dispose]();
    const names = await kubectl.run('get', 'configmaps', '-o', 'name');
    expect(names).toContain('configmap/found\n');
    for (const name of refused.names) expect(names).not.toContain(name);
  });
});

describe('SIGKILL for all servers', () => {
  afterAll(startServers);
  /** Everything that is stored, but for what tells of the passing of time. */
  const everything = async (): Promise<string> => {
    const kinds =
      'namespaces,nodes,pods,replicasets,deployments,services,endpoints,endpointslices,configmaps,secrets,serviceaccounts';
    return kubectl.run('get', kinds, '-A', '-o', 'yaml');
  };

  test('running containers go on serving meanwhile; afterwards all objects are as before', async () => {
    await untilReady(kubectl, home, { app: 'web', count: 4, withinMs: 30_000 });
    const before = {
      objects: await everything(),
      containers: lifeOf(await docker.runningOf({ namespace: home })),
    };
    await Promise.all(serverNames.map((name) => cluster.killProcess(name)));
    expect((await ask(serviceUrl)).status).toBe(200);
    const begin = performance.now();
    await startServers();
    record({ what: 'all servers killed and started -> all ready' }, performance.now() - begin);
    expect(await everything()).toBe(before.objects);
    expect(lifeOf(await docker.runningOf({ namespace: home }))).toEqual(before.containers);
  });

  test('the cluster goes on working: agents are back and a scale is carried out', async () => {
    await kubectl.run('scale', 'deployment/web', '--replicas=6');
    await untilReady(kubectl, home, { app: 'web', count: 6, withinMs: 60_000 });
  });
});

describe('berth dev down --keep-data', () => {
  test('the next up takes up the same objects and nodes, and runs the same number of pods', async () => {
    const uids = (): Promise<string> =>
      kubectl.run('get', 'nodes,deployments,services,namespaces', '-A', '-o', 'jsonpath={.items[*].metadata.uid}');
    const before = await uids();
    await cluster.dev('down', '--keep-data');
    expect(await docker.withLabels({ 'berth.dev/namespace': home })).toEqual([]);
    await cluster.dev('up', '--port', '0');
    expect(await uids()).toBe(before);
    // Until the agents have looked, the pods are said to be as they were before.
    await until({
      what: 'six containers run',
      withinMs: 60_000,
      look: async () => (await docker.runningOf({ namespace: home })).length,
      isSo: (count) => count === 6,
    });
    await untilEnginesAgree(cluster, home, 60_000);
    await untilReady(kubectl, home, { app: 'web', count: 6, withinMs: 60_000 });
    await until({
      what: 'the service answers again',
      withinMs: 15_000,
      look: () => ask(serviceUrl),
      isSo: ({ status }) => status === 200,
    });
  });
});

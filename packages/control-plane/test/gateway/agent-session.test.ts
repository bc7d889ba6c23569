import type { Node, Pod } from '@berth/api';
import { ApiError } from '@berth/api';
import type { agentV1 } from '@berth/wire';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { generateKeyPair } from '../../src/security/x509.ts';
import { type GatewayBench, openGatewayBench, serverAddress } from './gateway-bench.ts';
import { objectOf } from './scripted-agent.ts';

let bench: GatewayBench;
beforeEach(async () => {
  bench = await openGatewayBench();
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

const web = { resource: 'pods', namespace: 'default', name: 'web' };

function pod(nodeName: string, spec: object = {}, metadata: object = {}): Record<string, unknown> {
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata,
    spec: { nodeName, containers: [{ name: 'c', image: 'i' }], serviceAccountName: 'default', ...spec },
  };
}

function putConfig(resource: 'configmaps' | 'secrets' | 'serviceaccounts', name: string, data: object = {}) {
  const kind = { configmaps: 'ConfigMap', secrets: 'Secret', serviceaccounts: 'ServiceAccount' }[resource];
  return bench.registry.put({ resource, namespace: 'default', name }, { kind, apiVersion: 'v1', ...data });
}

describe('the beginning of a session', () => {
  test('welcome, the node, its pods with what they refer to, the network, then synced', async () => {
    await putConfig('configmaps', 'settings', { data: { a: '1' } });
    await putConfig('secrets', 'password');
    await putConfig('secrets', 'of-somebody-else');
    await putConfig('serviceaccounts', 'default');
    const volumes = [{ name: 'v', secret: { secretName: 'password' } }];
    const containers = [{ name: 'c', image: 'i', envFrom: [{ configMapRef: { name: 'settings' } }] }];
    await bench.registry.put(web, pod('n1', { volumes, containers }));
    await bench.registry.put({ ...web, name: 'other' }, pod('n2'));
    const stored = await bench.registry.put({ ...web, name: 'late' }, pod('n1'));
    await bench.cache.waitFor(bench.store.status().revision);
    const agent = await bench.agent('n1');
    agent.hello();

    const { revision } = await agent.next('synced');
    expect(revision).toBeGreaterThanOrEqual(Number(stored.metadata.resourceVersion));
    const seen = agent.received.map((message) => {
      if (message.$case === 'config')
        return `${message.value.kind} ${objectOf<Node>(message.value.object).metadata.name}`;
      if (message.$case === 'pod') return `Pod ${objectOf<Pod>(message.value.pod).metadata.name}`;
      return message.$case;
    });
    const upToSynced = seen.slice(0, seen.indexOf('synced') + 1).filter((entry) => entry !== 'node');
    expect(upToSynced).toEqual([
      'welcome',
      'servers',
      'ServiceAccount default',
      'Pod late',
      'ConfigMap settings',
      'Secret password',
      'Pod web',
      'network',
      'synced',
    ]);
    expect(agent.received[0]).toEqual({
      $case: 'welcome',
      value: {
        clusterId: bench.store.clusterId,
        serverName: 's1',
        heartbeatIntervalMs: 300,
        clusterDomain: 'cluster.local',
        clusterDns: '',
      },
    });
  });

  test('the Node object is made from the hello: labels, taints, capacity, Ready', async () => {
    const agent = await bench.agent('n1');
    agent.hello(
      {},
      {
        metadata: { labels: { 'topology.kubernetes.io/zone': 'z1', 'node-restriction.kubernetes.io/x': 'y' } },
        spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] },
        status: { capacity: { cpu: '4' }, addresses: [{ type: 'InternalIP', address: '10.1.0.1' }] },
      },
    );
    const node = await bench.settled<Node>('nodes', 'n1', ({ status }) => status?.conditions?.[0]?.status === 'True');
    expect(node.metadata.labels).toEqual({ 'topology.kubernetes.io/zone': 'z1', 'kubernetes.io/hostname': 'n1' });
    expect(node.spec.taints).toEqual([{ key: 'gpu', effect: 'NoSchedule' }]);
    expect(node.status).toMatchObject({
      capacity: { cpu: '4' },
      addresses: [{ type: 'InternalIP', address: '10.1.0.1' }],
      conditions: [{ type: 'Ready', status: 'True', reason: 'AgentReady' }],
    });
    const sent = await agent.next('node');
    expect(objectOf<Node>(sent.node).metadata.name).toBe('n1');
  });

  test('labels and cordon set by others stay when an agent comes back', async () => {
    await bench.registry.put(
      { resource: 'nodes', name: 'n1' },
      { kind: 'Node', apiVersion: 'v1', metadata: { labels: { team: 'a' } }, spec: { unschedulable: true } },
    );
    const agent = await bench.agent('n1');
    agent.hello({}, { metadata: { labels: { disk: 'ssd' } }, spec: { taints: [{ key: 'x', effect: 'NoSchedule' }] } });
    const node = await bench.settled<Node>('nodes', 'n1', ({ status }) => status?.conditions !== undefined);
    expect(node.metadata.labels).toEqual({ team: 'a', disk: 'ssd', 'kubernetes.io/hostname': 'n1' });
    expect(node.spec).toEqual({ unschedulable: true });
  });

  test('an agent that reports nothing new costs no write', async () => {
    const agent = await bench.agent('n1');
    agent.hello();
    await bench.settled<Node>('nodes', 'n1', ({ status }) => status?.conditions !== undefined);
    const written = bench.registry.writes.length;
    agent.send({ $case: 'nodeStatus', value: { status: Buffer.from('{}') } });
    agent.send({ $case: 'heartbeat', value: { sequence: 7 } });
    await agent.next('heartbeatAck', ({ sequence }) => sequence === 7);
    expect(bench.registry.writes.slice(written)).toEqual([]);
  });

  test('Ready is written again when somebody else has taken it away', async () => {
    const agent = await bench.agent('n1');
    agent.hello();
    const isReady = ({ status }: Node): boolean => status?.conditions?.[0]?.status === 'True';
    const node = await bench.settled<Node>('nodes', 'n1', isReady);
    const lost = [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }];
    await bench.registry.put({ resource: 'nodes', name: 'n1' }, { ...node, status: { conditions: lost } });
    await bench.settled<Node>(
      'nodes',
      'n1',
      (now) => isReady(now) && now.metadata.resourceVersion !== node.metadata.resourceVersion,
    );
  });
});

describe('the servers of the cluster', () => {
  test('a server that joins while a session runs is told to the agent', async () => {
    const servers = [serverAddress('s1', '10.0.0.1')];
    await using growing = await openGatewayBench({ servers: () => servers });
    const agent = await growing.agent('n1');
    agent.hello();
    const names = ({ servers: known }: agentV1.Servers): string[] => known.map(({ name }) => name);
    expect(names(await agent.next('servers'))).toEqual(['s1']);
    servers.push(serverAddress('s2', '10.0.0.2'));
    expect((await agent.next('servers')).servers).toEqual([
      { name: 's1', apiAddress: '10.0.0.1:6443', gatewayAddress: '10.0.0.1:6444' },
      { name: 's2', apiAddress: '10.0.0.2:6443', gatewayAddress: '10.0.0.2:6444' },
    ]);
    servers.shift();
    expect(names(await agent.next('servers'))).toEqual(['s2']);
  });

  test('nothing is sent while they stay the same', async () => {
    const agent = await bench.agent('n1');
    agent.hello();
    await agent.next('servers');
    await agent.next('synced');
    agent.send({ $case: 'heartbeat', value: { sequence: 1 } });
    await agent.next('heartbeatAck');
    expect(agent.received.filter(({ $case }) => $case === 'servers')).toHaveLength(1);
  });
});

describe('who may open a session', () => {
  test.each([
    { what: 'a hello with another name', hello: { nodeName: 'n2' }, code: status.PERMISSION_DENIED },
    { what: 'another version of the protocol', hello: { protocolVersion: 9 }, code: status.FAILED_PRECONDITION },
    { what: 'a node that is no JSON', hello: { node: Buffer.from('{') }, code: status.INVALID_ARGUMENT },
  ])('$what is refused', async ({ hello, code }) => {
    const agent = await bench.agent('n1');
    agent.hello(hello);
    expect((await agent.end())?.code).toBe(code);
    expect(bench.gateway.sessions()).toEqual([]);
  });

  test('a message before the hello is refused', async () => {
    const agent = await bench.agent('n1');
    agent.send({ $case: 'heartbeat', value: { sequence: 1 } });
    expect((await agent.end())?.code).toBe(status.INVALID_ARGUMENT);
  });

  test('the key of another machine with the same name is refused', async () => {
    await bench.claims.claim('node', 'n1', 'the hash of some other key', async () => false);
    const agent = await bench.agent('n1');
    agent.hello();
    const end = await agent.end();
    expect(end?.code).toBe(status.PERMISSION_DENIED);
    expect(end?.details).toBe('the name n1 belongs to another machine now: join again');
  });

  test('a certificate of another cluster does not even connect', async () => {
    await using other = await openGatewayBench();
    const stranger = await other.identity('n1');
    const agent = await bench.agent('n1', { ...stranger, caCertificate: bench.authority.certificate });
    agent.hello();
    expect((await agent.end())?.code).toBe(status.UNAVAILABLE);
  });

  test('the certificate of a server is not that of a node', async () => {
    const keys = await generateKeyPair();
    const certificate = await bench.authority.issue({ kind: 'server', name: 'n1' }, keys.publicKey);
    const caCertificate = bench.authority.certificate;
    const agent = await bench.agent('n1', { caCertificate, certificate, privateKey: keys.privateKey });
    agent.hello();
    expect((await agent.end())?.code).toBe(status.PERMISSION_DENIED);
  });
});

describe('changes', () => {
  test('a new pod is sent, its status alone is not, a change of its metadata is', async () => {
    const agent = await bench.agent('n1');
    agent.hello();
    await agent.next('synced');
    const created = await bench.registry.put(web, pod('n1'));
    const first = objectOf<Pod>((await agent.next('pod')).pod);
    expect(first.metadata.uid).toBe(created.metadata.uid);
    await bench.registry.put(web, { ...pod('n1'), status: { phase: 'Running' } });
    await bench.registry.put(web, pod('n1', {}, { labels: { a: 'b' } }));
    const second = objectOf<Pod>((await agent.next('pod')).pod);
    expect(second.metadata.labels).toEqual({ a: 'b' });
  });

  test('a deleted pod is gone, and with it what only it referred to', async () => {
    await putConfig('secrets', 'password');
    await bench.registry.put(web, pod('n1', { imagePullSecrets: [{ name: 'password' }] }));
    await bench.cache.waitFor(bench.store.status().revision);
    const agent = await bench.agent('n1');
    agent.hello();
    const { uid } = objectOf<Pod>((await agent.next('pod')).pod).metadata;
    await agent.next('synced');
    await bench.registry.remove(web);
    expect((await agent.next('podGone')).uid).toBe(uid);
    expect(await agent.next('configGone')).toEqual({ kind: 'Secret', namespace: 'default', name: 'password' });
    await putConfig('secrets', 'password', { data: { changed: 'yes' } });
    await bench.registry.put({ ...web, name: 'last' }, pod('n1'));
    await agent.next('pod');
    const secrets = agent.received.filter(
      ({ $case, value }) => $case === 'config' && (value as { kind: string }).kind === 'Secret',
    );
    expect(secrets).toHaveLength(1);
  });

  test('a pod that was replaced under its name is gone before the new one is sent', async () => {
    await bench.registry.put(web, pod('n1', {}, { uid: 'first' }));
    await bench.cache.waitFor(bench.store.status().revision);
    const agent = await bench.agent('n1');
    agent.hello();
    await agent.next('synced');
    await bench.registry.put(web, pod('n1', {}, { uid: 'second' }));
    expect((await agent.next('podGone')).uid).toBe('first');
    expect(objectOf<Pod>((await agent.next('pod')).pod).metadata.uid).toBe('second');
  });

  test('a changed Secret of a pod is sent again, one that appears later is sent then', async () => {
    await putConfig('secrets', 'password', { data: { a: 'MQ==' } });
    const volumes = [
      { name: 'v', secret: { secretName: 'password' } },
      { name: 'w', configMap: { name: 'later' } },
    ];
    await bench.registry.put(web, pod('n1', { volumes }));
    await bench.cache.waitFor(bench.store.status().revision);
    const agent = await bench.agent('n1');
    agent.hello();
    await agent.next('synced');
    await putConfig('secrets', 'password', { data: { a: 'Mg==' } });
    const secret = await agent.next('config');
    expect(objectOf(secret.object)).toMatchObject({ data: { a: 'Mg==' } });
    await putConfig('configmaps', 'later', { data: { b: 'c' } });
    expect((await agent.next('config')).kind).toBe('ConfigMap');
  });

  test('a deleted Node ends the session; the agent registers anew', async () => {
    const agent = await bench.agent('n1');
    agent.hello();
    await bench.settled<Node>('nodes', 'n1', ({ status }) => status?.conditions !== undefined);
    await bench.registry.remove({ resource: 'nodes', name: 'n1' });
    expect((await agent.end())?.details).toBe('the Node object was deleted');
    const again = await bench.agent('n1');
    again.hello();
    await again.next('node');
  });
});

describe('the status of pods', () => {
  test('a pod that is marked as lost while its agent has a session is asked for again', async () => {
    const { uid } = (await bench.registry.put(web, pod('n1'))).metadata;
    await bench.registry.put({ ...web, name: 'elsewhere' }, pod('n2'));
    const agent = await bench.agent('n1');
    agent.hello();
    await agent.next('synced');
    const lost = { reason: 'NodeLost', conditions: [{ type: 'Ready', status: 'False', reason: 'NodeLost' }] };
    await bench.registry.put({ ...web, name: 'elsewhere' }, { ...pod('n2'), status: lost });
    await bench.registry.put(web, { ...pod('n1'), status: lost });
    expect(await agent.next('reportPod')).toEqual({ uid });
    const ready = { type: 'Ready', status: 'True' };
    agent.podStatus({ namespace: 'default', name: 'web', uid }, { phase: 'Running', conditions: [ready] });
    const { status: written } = await bench.settled<Pod>(
      'pods',
      'default/web',
      (now) => now.status?.phase === 'Running',
    );
    expect(written).toEqual({ phase: 'Running', conditions: [ready] });
    expect(agent.received.filter(({ $case }) => $case === 'reportPod')).toHaveLength(1);
  });

  test('is written, keeps the conditions of others, and cannot concern pods of other nodes', async () => {
    const scheduled = { type: 'PodScheduled', status: 'True' };
    const mine = await bench.registry.put(web, {
      ...pod('n1'),
      status: { phase: 'Pending', qosClass: 'Burstable', conditions: [scheduled] },
    });
    const theirs = await bench.registry.put({ ...web, name: 'other' }, pod('n2'));
    const agent = await bench.agent('n1');
    agent.hello();
    await agent.next('synced');
    const { uid } = theirs.metadata;
    agent.podStatus({ namespace: 'default', name: 'other', uid }, { phase: 'Failed' });
    agent.podStatus({ namespace: 'default', name: 'web', uid: 'an earlier one' }, { phase: 'Failed' });
    const ready = { type: 'Ready', status: 'True' };
    agent.podStatus(
      { namespace: 'default', name: 'web', uid: mine.metadata.uid },
      { phase: 'Running', conditions: [ready] },
    );
    const written = await bench.settled<Pod>('pods', 'default/web', ({ status }) => status?.phase === 'Running');
    expect(written.status).toEqual({ phase: 'Running', qosClass: 'Burstable', conditions: [ready, scheduled] });
    expect(bench.cache.get('pods', 'default/other')).not.toHaveProperty('status');
  });

  test('of a burst only the latest is written, and failed writes are tried again', async () => {
    const { uid } = (await bench.registry.put(web, pod('n1'))).metadata;
    const agent = await bench.agent('n1');
    agent.hello();
    await agent.next('synced');
    await bench.settled<Node>('nodes', 'n1', ({ status }) => status?.conditions !== undefined);
    bench.registry.fail(new ApiError('ServiceUnavailable', 'no quorum'));
    for (let restart = 1; restart <= 50; restart++)
      agent.podStatus({ namespace: 'default', name: 'web', uid }, { phase: 'Running', message: `restart ${restart}` });
    agent.send({ $case: 'heartbeat', value: { sequence: 1 } });
    await agent.next('heartbeatAck');
    bench.registry.fail(undefined);
    await bench.settled<Pod>('pods', 'default/web', ({ status }) => status?.message === 'restart 50');
    expect(bench.registry.writes.filter((entry) => entry === 'status pods/default/web')).toHaveLength(1);
  });

  test('an end is final', async () => {
    const { uid } = (await bench.registry.put(web, { ...pod('n1'), status: { phase: 'Succeeded' } })).metadata;
    const agent = await bench.agent('n1');
    agent.hello();
    await agent.next('synced');
    const seen = new Set<string | undefined>();
    bench.cache.onChange(({ after, resource }) => {
      if (resource === 'pods') seen.add((after as unknown as Pod | undefined)?.status?.phase);
    });
    agent.podStatus({ namespace: 'default', name: 'web', uid }, { phase: 'Running' });
    // Taken up by a write of its own: only then can the next report not stand in for it.
    while (!bench.registry.writes.includes('status pods/default/web')) await agent.roundTrip();
    agent.podStatus({ namespace: 'default', name: 'web', uid }, { phase: 'Succeeded', message: 'done' });
    const written = await bench.settled<Pod>('pods', 'default/web', ({ status }) => status?.message === 'done');
    expect(written.status?.phase).toBe('Succeeded');
    expect([...seen]).toEqual(['Succeeded']);
  });

  test('a pod that is being deleted goes when its agent says that nothing is left; others do not', async () => {
    const { uid } = (await bench.registry.put(web, pod('n1'))).metadata;
    const agent = await bench.agent('n1');
    agent.hello();
    await agent.next('synced');
    const gone = {
      $case: 'podStatus',
      value: { namespace: 'default', name: 'web', uid, status: Buffer.alloc(0), gone: true },
    } as const;
    agent.send(gone);
    while (bench.registry.reads === 0) await agent.roundTrip();
    await bench.registry.put(web, pod('n1', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }));
    await agent.next('pod', ({ pod: bytes }) => objectOf<Pod>(bytes).metadata.deletionTimestamp !== undefined);
    agent.send(gone);
    await agent.next('podGone');
    expect(bench.cache.get('pods', 'default/web')).toBeUndefined();
    expect(bench.registry.writes.filter((entry) => entry === 'delete pods/default/web')).toHaveLength(1);
  });
});

test('events of an agent are recorded for pods of its node only', async () => {
  const { uid } = (await bench.registry.put(web, pod('n1'))).metadata;
  const other = await bench.registry.put({ ...web, name: 'other' }, pod('n2'));
  const agent = await bench.agent('n1');
  agent.hello();
  await agent.next('synced');
  const event = {
    namespace: 'default',
    podName: 'web',
    podUid: uid,
    fieldPath: 'spec.containers{c}',
    type: 'Warning',
    reason: 'BackOff',
    message: 'waits',
  };
  agent.send({ $case: 'event', value: { ...event, podName: 'other', podUid: other.metadata.uid } });
  agent.send({ $case: 'event', value: event });
  agent.send({ $case: 'heartbeat', value: { sequence: 1 } });
  await agent.next('heartbeatAck');
  expect(bench.events).toEqual([
    {
      about: expect.objectContaining({
        kind: 'Pod',
        namespace: 'default',
        name: 'web',
        uid,
        fieldPath: 'spec.containers{c}',
      }),
      type: 'Warning',
      reason: 'BackOff',
      message: 'waits',
      component: 'berth-agent',
      host: 'n1',
    },
  ]);
});

describe('the end of a session', () => {
  test('a second session of the same node ends the first, and the node was never away', async () => {
    const identity = await bench.identity('n1');
    const changes: boolean[] = [];
    bench.gateway.onSession(({ connected }) => void changes.push(connected));
    const first = await bench.agent('n1', identity);
    first.hello();
    await first.next('synced');
    const second = await bench.agent('n1', identity);
    second.hello({ processId: 'p2' });
    await second.next('synced');
    expect((await first.end())?.code).toBe(status.ABORTED);
    expect(changes).toEqual([true, true]);
    expect(bench.gateway.sessions()).toEqual([{ nodeName: 'n1', processId: 'p2', connected: true }]);
  });

  test('an agent that leaves is noticed at once', async () => {
    const agent = await bench.agent('n1');
    agent.hello();
    await agent.next('synced');
    const { promise, resolve } = Promise.withResolvers<void>();
    bench.gateway.onSession(({ connected }) => (connected ? undefined : resolve()));
    agent.leave();
    await promise;
    expect(bench.gateway.hasSession('n1')).toBe(false);
  });

  test('at shutdown agents are sent away first', async () => {
    const agent = await bench.agent('n1');
    agent.hello();
    await agent.next('synced');
    const closing = bench.gateway[Symbol.asyncDispose]();
    expect((await agent.next('goodbye')).reason).toBe('the server is shutting down');
    agent.leave();
    await closing;
    expect(bench.gateway.sessions()).toEqual([]);
  });
});

describe('silence', () => {
  test('an agent that says nothing is cut off', async () => {
    await using strict = await openGatewayBench({ limits: { silenceMs: 200 } });
    const agent = await strict.agent('n1');
    agent.hello();
    await agent.next('synced');
    const end = await agent.end();
    expect(end).toMatchObject({ code: status.DEADLINE_EXCEEDED, details: 'nothing was heard from the agent' });
  });
});

test('an agent that does not read what it is sent is cut off; it costs no more than its marks until then', async () => {
  await using strict = await openGatewayBench({ limits: { blockedMs: 400, silenceMs: 60_000 } });
  const agent = await strict.agent('n1');
  agent.hello();
  await agent.next('synced');
  agent.pause();
  const data = { large: 'x'.repeat(512 * 1024) };
  for (let at = 0; at < 30; at++) {
    const name = `p${at}`;
    await strict.registry.put(
      { resource: 'secrets', namespace: 'default', name },
      { kind: 'Secret', apiVersion: 'v1', data },
    );
    await strict.registry.put({ ...web, name }, pod('n1', { imagePullSecrets: [{ name }] }));
  }
  const { promise, resolve } = Promise.withResolvers<boolean>();
  strict.gateway.onSession(({ connected }) => resolve(connected));
  expect(await promise).toBe(false);
  agent.resume();
  expect((await agent.end())?.details).toBe('the agent does not read what it is sent');
});

test('without a quorum an agent gets what is known, and synced only when a quorum is back', async () => {
  await bench.registry.put(web, pod('n1'));
  await bench.cache.waitFor(bench.store.status().revision);
  bench.store.elect({ leaderless: 'cut off' });
  const agent = await bench.agent('n1');
  agent.hello();
  await agent.next('pod');
  agent.send({ $case: 'heartbeat', value: { sequence: 1 } });
  await agent.next('heartbeatAck');
  expect(agent.received.map(({ $case }) => $case)).not.toContain('synced');
  bench.store.elect('lead');
  await agent.next('synced');
});

import type { Node, Pod } from '@berth/api';
import type { agentV1 } from '@berth/wire';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { generateKeyPair } from '../../src/security/x509.ts';
import { type GatewayBench, openGatewayBench, serverAddress } from './gateway-bench.ts';
import { objectOf } from './scripted-agent.ts';
import { pod, putConfig, web } from './session-objects.ts';

let bench: GatewayBench;
beforeEach(async () => {
  bench = await openGatewayBench();
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

describe('the beginning of a session', () => {
  test('welcome, the node, its pods with what they refer to, the network, then synced', async () => {
    await putConfig(bench, 'configmaps', 'settings', { data: { a: '1' } });
    await putConfig(bench, 'secrets', 'password');
    await putConfig(bench, 'secrets', 'of-somebody-else');
    await putConfig(bench, 'serviceaccounts', 'default');
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

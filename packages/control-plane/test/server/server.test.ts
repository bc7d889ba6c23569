import type { Pod } from '@berth/api';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { joinCluster } from '../../src/security/join-client.ts';
import type { Server } from '../../src/server.ts';
import { objectOf, ScriptedAgent } from '../gateway/scripted-agent.ts';
import { type Answer, ApiClient, freePorts, inMemory, startTestServer, temporaryFolder } from './running-server.ts';

// Whole servers, with threads and processes of their own, on a machine that may have other things to do.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let ports: readonly number[];
let server: Server;
let admin: ApiClient;
beforeAll(async () => {
  folder = await temporaryFolder();
  ports = await freePorts(3);
  const { openStore } = inMemory();
  const flags = ['--metrics-listen', '127.0.0.1:0', '--zone', 'z1', '--node-loss-after', '300ms'];
  server = await startTestServer({ name: 's1', dataDir: folder.path, ports, openStore, flags });
  await server.ready();
  admin = await ApiClient.admin(server);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function newToken(role: 'agent' | 'server'): Promise<string> {
  const { body } = await admin.send('/berth/v1/tokens', { method: 'POST', body: { role } });
  return body.token;
}

async function joinedAgent(name: string): Promise<ScriptedAgent> {
  const identity = await joinCluster({ url: server.url, token: await newToken('agent'), name });
  const agent = new ScriptedAgent(`127.0.0.1:${ports[1]}`, name, identity);
  const addresses = [{ type: 'InternalIP', address: '127.0.0.1' }];
  const capacity = { cpu: '4', memory: '8Gi', pods: '110' };
  agent.hello({}, { status: { capacity, allocatable: capacity, addresses } });
  agent.keepAlive();
  return agent;
}

describe('the API', () => {
  test('serves an administrator', async () => {
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { x: 'y' } };
    const path = '/api/v1/namespaces/default/configmaps';
    await admin.until('/api/v1/namespaces/default', ({ status }) => status === 200);
    expect((await admin.send(path, { method: 'POST', body: configMap })).status).toBe(201);
    expect((await admin.get(`${path}/a`)).body['data']).toEqual({ x: 'y' });
  });

  test('asks everybody else who they are', async () => {
    const nobody = new ApiClient(server.url, {});
    expect(await nobody.get('/api/v1/pods')).toMatchObject({ status: 401, body: { reason: 'Unauthorized' } });
    const bearer = { headers: { authorization: 'Bearer made-up' } };
    expect((await admin.send('/api/v1/pods', bearer)).status).toBe(401);
    expect((await nobody.get('/berth/v1/tokens')).status).toBe(401);
    expect((await nobody.get('/metrics')).status).toBe(401);
    for (const path of ['/livez', '/readyz', '/version', '/berth/v1/ca'])
      expect((await nobody.get(path)).status).toBe(200);
  });

  test('refuses a node, in the words of Kubernetes', async () => {
    const identity = await joinCluster({ url: server.url, token: await newToken('agent'), name: 'curious' });
    const node = new ApiClient(server.url, identity);
    const { status, body } = await node.get('/api/v1/namespaces/default/secrets');
    expect(status).toBe(403);
    expect(body.message).toBe(
      'secrets is forbidden: User "system:node:curious" cannot list resource "secrets" in API group "" in the namespace "default": a node is served by the agent gateway, not by the API',
    );
    expect((await node.get('/berth/v1/tokens')).status).toBe(403);
  });

  test('makes, lists and revokes join tokens', async () => {
    const created = await admin.send('/berth/v1/tokens', {
      method: 'POST',
      body: { role: 'agent', ttlSeconds: 600, description: 'rack 7' },
    });
    expect(created.status).toBe(201);
    const { id, token, ...facts } = created.body;
    expect(facts).toMatchObject({ role: 'agent', description: 'rack 7' });
    expect(Date.parse(facts.expiresAt) - Date.parse(facts.createdAt)).toBe(600_000);
    const { items } = (await admin.get('/berth/v1/tokens')).body;
    expect(items).toContainEqual({ id, ...facts, expired: false });
    expect(JSON.stringify(items)).not.toContain(token.split('.')[3]);
    expect((await admin.send(`/berth/v1/tokens/${id}`, { method: 'DELETE' })).status).toBe(200);
    expect(await admin.send(`/berth/v1/tokens/${id}`, { method: 'DELETE' })).toMatchObject({
      status: 404,
      body: { message: expect.stringContaining(`there is no join token "${id}"`) },
    });
    await expect(joinCluster({ url: server.url, token, name: 'late' })).rejects.toThrow('it was revoked');
  });

  test.each([
    { body: { role: 'admin' }, message: 'role: must be "server" or "agent", got "admin"' },
    {
      body: { role: 'agent', ttlSeconds: 0 },
      message: 'ttlSeconds: must be a whole number from 60 to 31536000, got 0',
    },
    { body: { role: 'agent', description: 7 }, message: 'description: must be a text of at most 200 characters' },
  ])('refuses a token like $body', async ({ body, message }) => {
    const answer = await admin.send('/berth/v1/tokens', { method: 'POST', body });
    expect(answer).toMatchObject({ status: 400, body: { reason: 'BadRequest', message } });
  });

  test('tells of its servers', async () => {
    const { body } = await admin.until('/berth/v1/servers', ({ body }) => body.items[0]?.zone !== undefined);
    expect(body).toMatchObject({
      servedBy: 's1',
      leader: 's1',
      items: [{ name: 's1', role: 'voter', leads: true, zone: 'z1', apiAddress: `127.0.0.1:${ports[0]}` }],
    });
  });

  test('measures itself, also on the loopback port', async () => {
    const { body } = await admin.get('/metrics');
    for (const name of ['berth_store_has_leader 1', 'berth_gateway_sessions', 'nodejs_eventloop_lag_seconds'])
      expect(body).toContain(name);
    const local = await fetch(`http://127.0.0.1:${server.metricsPort}/metrics`);
    expect(await local.text()).toContain('berth_store_is_leader 1');
  });
});

describe('a node', () => {
  test('joins with a token, gets a pod by the scheduler, runs it, and its logs can be read', async () => {
    using agent = await joinedAgent('n1');
    const ready = await admin.until(
      '/api/v1/nodes/n1',
      ({ body, status }) => status === 200 && body.spec.podCIDR !== undefined,
    );
    expect(ready.body.spec.podCIDR).toMatch(/^10\.244\.\d+\.0\/24$/);
    const spec = { containers: [{ name: 'c', image: 'web:1' }], terminationGracePeriodSeconds: 1 };
    const pods = '/api/v1/namespaces/default/pods';
    await admin.until('/api/v1/namespaces/default/serviceaccounts/default', ({ status }) => status === 200);
    const created = await admin.send(pods, {
      method: 'POST',
      body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec },
    });
    expect(created.status).toBe(201);
    const assigned = objectOf<Pod>((await agent.next('pod')).pod);
    expect(assigned.spec.nodeName).toBe('n1');

    const { uid } = created.body.metadata;
    const pod = { namespace: 'default', name: 'web', uid };
    const state = { running: { startedAt: '2026-01-01T00:00:00Z' } };
    const containerStatuses = [{ name: 'c', ready: true, restartCount: 0, image: 'web:1', imageID: 'x', state }];
    const conditions = [{ type: 'Ready', status: 'True' }];
    agent.podStatus(pod, { phase: 'Running', conditions, containerStatuses });
    await admin.until(`${pods}/web`, ({ body }) => body.status?.phase === 'Running');

    const logs = admin.get(`${pods}/web/log`);
    await agent.answerLogs('hello\n');
    expect(await logs).toEqual({ status: 200, body: 'hello\n' });

    await admin.send(`${pods}/web`, { method: 'DELETE' });
    await agent.next('pod', ({ pod }) => objectOf<Pod>(pod).metadata.deletionTimestamp !== undefined);
    agent.send({ $case: 'podStatus', value: { ...pod, status: Buffer.alloc(0), gone: true } });
    await admin.until(`${pods}/web`, ({ status }) => status === 404);
  });

  test('that goes away without a word is Unknown soon after, and Ready again when it is back', async () => {
    const readyOf = ({ body }: Answer) => body.status?.conditions?.find(({ type }) => type === 'Ready');
    const agent = await joinedAgent('n2');
    await admin.until('/api/v1/nodes/n2', (answer) => readyOf(answer)?.status === 'True');
    agent[Symbol.dispose]();
    const lost = await admin.until('/api/v1/nodes/n2', (answer) => readyOf(answer)?.status === 'Unknown');
    expect(readyOf(lost)).toMatchObject({ reason: 'NodeStatusUnknown' });
    await admin.until('/api/v1/nodes/n2', ({ body }) => body.spec.taints?.length === 2);
    using again = new ScriptedAgent(`127.0.0.1:${ports[1]}`, 'n2', agent.identity);
    again.hello({ processId: 'p2' });
    again.keepAlive();
    await admin.until('/api/v1/nodes/n2', (answer) => readyOf(answer)?.status === 'True');
    await admin.until('/api/v1/nodes/n2', ({ body }) => body.spec.taints === undefined);
  });
});

test('a server that stops sends its agents away and frees its ports; started again it is the same server', async () => {
  await using own = await temporaryFolder();
  const ownPorts = await freePorts(3);
  const start = () =>
    startTestServer({ name: 's9', dataDir: own.path, ports: ownPorts, openStore: inMemory().openStore });
  const first = await start();
  await first.ready();
  const client = await ApiClient.admin(first);
  const { body } = await client.send('/berth/v1/tokens', { method: 'POST', body: { role: 'agent' } });
  const identity = await joinCluster({ url: first.url, token: body.token, name: 'n1' });
  using agent = new ScriptedAgent(`127.0.0.1:${ownPorts[1]}`, 'n1', identity);
  agent.hello();
  agent.keepAlive();
  await agent.next('synced');
  const closing = first[Symbol.asyncDispose]();
  await agent.next('goodbye');
  agent.leave();
  await closing;
  await expect(client.get('/livez')).rejects.toThrow('ECONNREFUSED');
  await using second = await start();
  await second.ready();
  expect((await client.get('/api/v1/namespaces')).status).toBe(200);
  expect(second.kubeconfigPath).toBe(first.kubeconfigPath);
});

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { joinCluster } from '../../src/security/join-client.ts';
import { ScriptedAgent } from '../gateway/scripted-agent.ts';
import { type EtcdServer, startEtcd } from './etcd-server.ts';
import { temporaryFolder } from './running-server.ts';
import { TestCluster } from './test-cluster.ts';

// Whole servers, with threads and processes of their own, on a machine that may have other things to do.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describe.each(['embedded', 'etcd'])('three servers over the %s store', (engine) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let etcd: EtcdServer | undefined;
  let cluster: TestCluster;
  beforeAll(async () => {
    folder = await temporaryFolder();
    etcd = engine === 'etcd' ? await startEtcd() : undefined;
    const flags = etcd === undefined ? [] : ['--store', `etcd://${etcd.endpoint}`];
    cluster = await TestCluster.start(folder.path, [...flags, '--election-timeout', '400ms']);
  }, 30_000);
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    await etcd?.[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  }, 30_000);

  test('know each other and one leader', async () => {
    for (const name of ['s1', 's2', 's3']) {
      const admin = await cluster.admin(name);
      const { body } = await admin.until(
        '/berth/v1/servers',
        ({ body }) => body.items.length === 3 && body.leader !== '',
      );
      expect(body.items.map((item) => item.name)).toEqual(['s1', 's2', 's3']);
      expect(body.items.filter(({ leads }) => leads)).toHaveLength(1);
    }
  });

  test('what is written on one can be read on every other', async () => {
    const path = '/api/v1/namespaces/default/configmaps';
    const [one, two, three] = await Promise.all(['s1', 's2', 's3'].map((name) => cluster.admin(name)));
    await one?.until('/api/v1/namespaces/default', ({ status }) => status === 200);
    for (const [at, writer] of [one, two, three].entries()) {
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c${at}` } };
      expect((await writer?.send(path, { method: 'POST', body }))?.status).toBe(201);
      for (const reader of [one, two, three]) expect((await reader?.get(`${path}/c${at}`))?.status).toBe(200);
    }
  });

  test('serve a node wherever its agent is connected, and keep it when the leader goes', async () => {
    const before = await cluster.admin('s1');
    const leader = (await before.get('/berth/v1/servers')).body.leader;
    const [home, other] = ['s1', 's2', 's3'].filter((name) => name !== leader);
    if (home === undefined || other === undefined) throw new Error('three servers are wanted');
    const { body } = await before.send('/berth/v1/tokens', { method: 'POST', body: { role: 'agent' } });
    const url = cluster.running.get(other)?.url ?? '';
    const identity = await joinCluster({ url, token: body.token, name: 'n1' });
    using agent = new ScriptedAgent(cluster.gatewayOf(home), 'n1', identity);
    const capacity = { cpu: '4', memory: '8Gi', pods: '110' };
    agent.hello({}, { status: { capacity, allocatable: capacity } });
    agent.keepAlive();
    const admin = await cluster.admin(other);
    const isReady = async (): Promise<void> =>
      void (await admin.until(
        '/api/v1/nodes/n1',
        ({ body }) =>
          body.status?.conditions?.some(({ status, type }) => type === 'Ready' && status === 'True') === true,
      ));
    await isReady();

    // Scheduled by the leader, run where its agent is, its logs asked for at the third server.
    const pods = '/api/v1/namespaces/default/pods';
    await admin.until('/api/v1/namespaces/default/serviceaccounts/default', ({ status }) => status === 200);
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web' },
      spec: { containers: [{ name: 'c', image: 'web:1' }] },
    };
    const created = await admin.send(pods, { method: 'POST', body: pod });
    await agent.next('pod');
    const state = { running: { startedAt: '2026-01-01T00:00:00Z' } };
    const containerStatuses = [{ name: 'c', ready: true, restartCount: 0, image: 'web:1', imageID: 'x', state }];
    agent.podStatus(
      { namespace: 'default', name: 'web', uid: created.body.metadata.uid },
      { phase: 'Running', containerStatuses },
    );
    await admin.until(`${pods}/web`, ({ body }) => body.status?.phase === 'Running');
    const logs = admin.get(`${pods}/web/log`);
    await agent.answerLogs('from another server\n');
    expect(await logs).toEqual({ status: 200, body: 'from another server\n' });

    await cluster.stop(leader);
    const { body: after } = await admin.until(
      '/berth/v1/servers',
      ({ body }) => body.leader !== '' && body.leader !== leader,
    );
    expect([home, other]).toContain(after.leader);
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'after' } };
    expect(
      (await admin.send('/api/v1/namespaces/default/configmaps', { method: 'POST', body: configMap })).status,
    ).toBe(201);
    await isReady();

    await cluster.run(leader);
    const back = await cluster.admin(leader);
    expect((await back.get('/api/v1/namespaces/default/configmaps/after')).status).toBe(200);
  }, 30_000);
});

import type { Node, Pod } from '@berth/api';
import { ApiError } from '@berth/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GatewayBench, openGatewayBench } from './gateway-bench.ts';
import { objectOf } from './scripted-agent.ts';
import { pod, putConfig, web } from './session-objects.ts';

let bench: GatewayBench;
beforeEach(async () => {
  bench = await openGatewayBench();
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
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
    await putConfig(bench, 'secrets', 'password');
    await bench.registry.put(web, pod('n1', { imagePullSecrets: [{ name: 'password' }] }));
    await bench.cache.waitFor(bench.store.status().revision);
    const agent = await bench.agent('n1');
    agent.hello();
    const { uid } = objectOf<Pod>((await agent.next('pod')).pod).metadata;
    await agent.next('synced');
    await bench.registry.remove(web);
    expect((await agent.next('podGone')).uid).toBe(uid);
    expect(await agent.next('configGone')).toEqual({ kind: 'Secret', namespace: 'default', name: 'password' });
    await putConfig(bench, 'secrets', 'password', { data: { changed: 'yes' } });
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
    await putConfig(bench, 'secrets', 'password', { data: { a: 'MQ==' } });
    const volumes = [
      { name: 'v', secret: { secretName: 'password' } },
      { name: 'w', configMap: { name: 'later' } },
    ];
    await bench.registry.put(web, pod('n1', { volumes }));
    await bench.cache.waitFor(bench.store.status().revision);
    const agent = await bench.agent('n1');
    agent.hello();
    await agent.next('synced');
    await putConfig(bench, 'secrets', 'password', { data: { a: 'Mg==' } });
    const secret = await agent.next('config');
    expect(objectOf(secret.object)).toMatchObject({ data: { a: 'Mg==' } });
    await putConfig(bench, 'configmaps', 'later', { data: { b: 'c' } });
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

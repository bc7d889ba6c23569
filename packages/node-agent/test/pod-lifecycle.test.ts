import type { Pod } from '@berth/api';
import { expect, test } from 'vitest';
import { EngineError } from '../src/engine/engine-error.ts';
import { aPod, FakeNode } from './support/fake-node.ts';

const second = 1000;

function conditionsOf(node: FakeNode, name = 'web-1'): Record<string, string> {
  return Object.fromEntries((node.status(name).conditions ?? []).map(({ type, status }) => [type, status]));
}

function container(node: FakeNode, name = 'web') {
  const status = node.status('web-1');
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const found = all.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`no status of ${name}`);
  return found;
}

function deleted(pod: Pod, graceSeconds: number): Pod {
  const metadata = {
    ...pod.metadata,
    deletionTimestamp: '2026-01-01T00:00:00Z',
    deletionGracePeriodSeconds: graceSeconds,
  };
  return { ...pod, metadata };
}

test('a pod gets its sandbox, then its container, and reports Ready', async () => {
  await using node = new FakeNode();
  await node.boot();
  node.keeper.assign(aPod());
  await node.world.advance(10);
  expect(node.engine.calls.filter((call) => call.startsWith('create'))).toEqual(['create sandbox/0', 'create web/0']);
  expect(node.engine.calls.filter((call) => call.startsWith('start'))).toEqual(['start sandbox/0', 'start web/0']);
  expect(node.status('web-1')).toMatchObject({ phase: 'Running', podIP: '10.244.0.2', hostIP: '192.0.2.1' });
  expect(conditionsOf(node)).toEqual({
    PodReadyToStartContainers: 'True',
    Initialized: 'True',
    Ready: 'True',
    ContainersReady: 'True',
  });
  expect(node.events.map(({ reason }) => reason)).toEqual(['Created', 'Started']);
});

test('nothing is done when nothing is to be done', async () => {
  await using node = new FakeNode();
  await node.boot();
  node.keeper.assign(aPod());
  await node.world.advance(10);
  const calls = node.engine.calls.length;
  node.keeper.assign(aPod());
  node.keeper.retryAll();
  await node.world.advance(3600 * second);
  expect(node.engine.calls.length).toBe(calls);
});

test('a killed container runs again at once, the second time after 10 s, then after 20 s', async () => {
  await using node = new FakeNode();
  await node.boot();
  const pod = aPod();
  node.keeper.assign(pod);
  await node.world.advance(10);
  node.engine.end(node.idOf(pod, 'web'), 137);
  await node.world.advance(10);
  expect(container(node)).toMatchObject({ restartCount: 1, state: { running: {} } });
  expect(container(node).lastState?.terminated).toMatchObject({ exitCode: 137, reason: 'Error' });

  node.engine.end(node.idOf(pod, 'web'), 1);
  await node.world.advance(9 * second);
  expect(container(node)).toMatchObject({ restartCount: 1, ready: false });
  expect(container(node).state?.waiting).toEqual({
    reason: 'CrashLoopBackOff',
    message: 'back-off 10s restarting failed container=web pod=web-1_default(u1)',
  });
  expect(node.status('web-1').phase).toBe('Running');
  await node.world.advance(1 * second + 10);
  expect(container(node).restartCount).toBe(2);

  node.engine.end(node.idOf(pod, 'web'), 1);
  await node.world.advance(19 * second);
  expect(container(node).restartCount).toBe(2);
  await node.world.advance(1 * second + 10);
  expect(container(node).restartCount).toBe(3);
  expect(node.restarts).toBe(3);
  expect(node.events.filter(({ reason }) => reason === 'BackOff')).toHaveLength(2);
});

test.each([-3600, 3600])(
  'a clock that is set wrong by %i s while a container waits changes nothing',
  async (errorSeconds) => {
    await using node = new FakeNode();
    await node.boot();
    const pod = aPod();
    node.keeper.assign(pod);
    await node.world.advance(10);
    node.engine.end(node.idOf(pod, 'web'), 1);
    await node.world.advance(10);
    node.engine.end(node.idOf(pod, 'web'), 1);
    await node.world.advance(10);
    node.world.wallErrorMs = errorSeconds * second;
    node.keeper.retryAll();
    await node.world.advance(9 * second);
    expect(container(node).restartCount).toBe(1);
    await node.world.advance(1 * second);
    expect(container(node).restartCount).toBe(2);
  },
);

test('ten minutes of running forgive all earlier crashes', async () => {
  await using node = new FakeNode();
  await node.boot();
  const pod = aPod();
  node.keeper.assign(pod);
  await node.world.advance(10);
  node.engine.end(node.idOf(pod, 'web'), 1);
  await node.world.advance(601 * second);
  node.engine.end(node.idOf(pod, 'web'), 1);
  await node.world.advance(10);
  expect(container(node).restartCount).toBe(2);
  expect(container(node).state?.running).toBeDefined();
});

test('only the newest ended run is kept for its log', async () => {
  await using node = new FakeNode();
  await node.boot();
  const pod = aPod();
  node.keeper.assign(pod);
  await node.world.advance(10);
  for (let round = 0; round < 3; round += 1) {
    node.engine.end(node.idOf(pod, 'web'), 1);
    await node.world.advance(60 * second);
  }
  const kept = node.table.ofPod('u1').filter(({ identity }) => identity.role === 'container');
  expect(kept.map(({ identity }) => identity.attempt).sort()).toEqual([2, 3]);
});

test('a container removed behind our back is made anew and counted as a restart', async () => {
  await using node = new FakeNode();
  await node.boot();
  const pod = aPod();
  node.keeper.assign(pod);
  await node.world.advance(10);
  node.engine.vanish(node.idOf(pod, 'web'));
  await node.world.advance(10);
  expect(container(node)).toMatchObject({ restartCount: 1, state: { running: {} } });
  expect(container(node).lastState?.terminated?.exitCode).toBe(137);
});

test('a container removed behind our back does not wait, however often it crashed, and does not count as a crash', async () => {
  await using node = new FakeNode();
  await node.boot();
  const pod = aPod();
  node.keeper.assign(pod);
  await node.world.advance(10);
  node.engine.end(node.idOf(pod, 'web'), 1);
  await node.world.advance(10);
  node.engine.vanish(node.idOf(pod, 'web'));
  await node.world.advance(10);
  expect(container(node)).toMatchObject({ restartCount: 2, state: { running: {} } });
  node.engine.end(node.idOf(pod, 'web'), 1);
  await node.world.advance(10);
  expect(container(node).state?.waiting?.message).toMatch(/^back-off 10s restarting/);

  // Nor does it wait any longer when what is left of it is removed.
  node.engine.vanish(node.idOf(pod, 'web'));
  await node.world.advance(10);
  expect(container(node)).toMatchObject({ restartCount: 3, state: { running: {} } });
});

test('a sandbox removed behind our back takes its containers along, and all start again with a new address', async () => {
  await using node = new FakeNode();
  await node.boot();
  const pod = aPod();
  node.keeper.assign(pod);
  await node.world.advance(10);
  node.engine.vanish(node.idOf(pod, 'sandbox'));
  await node.world.advance(10);
  expect(node.engine.calls).toContain('signal SIGTERM web/0');
  expect(node.engine.calls).toContain('create sandbox/1');
  expect(container(node)).toMatchObject({ restartCount: 1, state: { running: {} } });
  expect(node.status('web-1').podIP).toBe('10.244.0.3');
  expect(node.events.map(({ reason }) => reason)).toContain('SandboxChanged');
});

test.each([
  { restartPolicy: 'Never', exitCode: 0, phase: 'Succeeded', restarts: 0 },
  { restartPolicy: 'Never', exitCode: 3, phase: 'Failed', restarts: 0 },
  { restartPolicy: 'OnFailure', exitCode: 0, phase: 'Succeeded', restarts: 0 },
  { restartPolicy: 'OnFailure', exitCode: 3, phase: 'Running', restarts: 1 },
  { restartPolicy: 'Always', exitCode: 0, phase: 'Running', restarts: 1 },
])('restartPolicy $restartPolicy and exit code $exitCode make the pod $phase', async (row) => {
  await using node = new FakeNode({ images: { sandbox: {}, web: { endsAfterMs: 100, exitCode: row.exitCode } } });
  await node.boot();
  node.keeper.assign(aPod({ restartPolicy: row.restartPolicy }));
  await node.world.advance(150);
  expect(node.status('web-1').phase).toBe(row.phase);
  expect(container(node).restartCount).toBe(row.restarts);
});

test('a finished pod loses its sandbox, keeps its container for the log, and never starts again', async () => {
  await using node = new FakeNode({ images: { sandbox: {}, web: { endsAfterMs: 100 } } });
  await node.boot();
  node.keeper.assign(aPod({ restartPolicy: 'Never' }));
  await node.world.advance(200);
  expect(node.table.ofPod('u1').map(({ identity }) => identity.role)).toEqual(['container']);
  const status = node.status('web-1');
  await node.kill();
  await node.boot();
  node.keeper.assign({ ...aPod({ restartPolicy: 'Never' }), status });
  await node.world.advance(60 * second);
  expect(node.engine.calls.filter((call) => call.startsWith('start web'))).toHaveLength(1);
  expect(node.status('web-1').phase).toBe('Succeeded');
});

test('init containers run one after the other, each until it has succeeded, before the others', async () => {
  const images = { sandbox: {}, web: {}, quick: { endsAfterMs: 50 } };
  await using node = new FakeNode({ images });
  await node.boot();
  const initContainers = ['one', 'two'].map((name) => ({ name, image: 'quick' }));
  node.keeper.assign(aPod({ initContainers }));
  await node.world.advance(10);
  expect(node.status('web-1').phase).toBe('Pending');
  expect(container(node).state?.waiting?.reason).toBe('PodInitializing');
  expect(node.status('web-1').conditions?.find(({ type }) => type === 'Initialized')).toMatchObject({
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: 'containers with incomplete status: [one two]',
  });
  await node.world.advance(200);
  const starts = node.engine.calls.filter((call) => call.startsWith('start'));
  expect(starts).toEqual(['start sandbox/0', 'start one/0', 'start two/0', 'start web/0']);
  expect(node.status('web-1').initContainerStatuses?.map(({ state }) => state?.terminated?.reason)).toEqual([
    'Completed',
    'Completed',
  ]);
  expect(conditionsOf(node)['Initialized']).toBe('True');
});

test('a failing init container is tried again with back-off, or ends the pod when it must not be restarted', async () => {
  const images = { sandbox: {}, web: {}, broken: { endsAfterMs: 10, exitCode: 1 } };
  const initContainers = [{ name: 'setup', image: 'broken' }];
  for (const [restartPolicy, phase] of [
    ['Always', 'Pending'],
    ['Never', 'Failed'],
  ] as const) {
    await using node = new FakeNode({ images });
    await node.boot();
    node.keeper.assign(aPod({ initContainers, restartPolicy }));
    await node.world.advance(5 * second);
    expect(node.status('web-1').phase).toBe(phase);
    expect(container(node, 'setup').restartCount).toBe(restartPolicy === 'Always' ? 1 : 0);
    expect(node.engine.calls.some((call) => call.includes('web'))).toBe(false);
  }
});

test('a sidecar starts before the others, runs beside them, and is ended after them', async () => {
  await using node = new FakeNode({ images: { sandbox: {}, web: {}, proxy: {} } });
  await node.boot();
  const initContainers = [{ name: 'proxy', image: 'proxy', restartPolicy: 'Always' }];
  const pod = aPod({ initContainers });
  node.keeper.assign(pod);
  await node.world.advance(10);
  expect(node.engine.calls.filter((call) => call.startsWith('start'))).toEqual([
    'start sandbox/0',
    'start proxy/0',
    'start web/0',
  ]);
  expect(conditionsOf(node)['Ready']).toBe('True');
  node.engine.end(node.idOf(pod, 'proxy'), 1);
  await node.world.advance(10);
  expect(container(node, 'proxy').restartCount).toBe(1);
  node.keeper.assign(deleted(pod, 30));
  await node.world.advance(10);
  expect(node.engine.calls.filter((call) => call.startsWith('signal'))).toEqual([
    'signal SIGTERM web/0',
    'signal SIGTERM proxy/1',
  ]);
});

test('a deleted pod is asked to end, then nothing of it is left, and only then it is reported gone', async () => {
  await using node = new FakeNode();
  await node.boot();
  const pod = aPod();
  node.keeper.assign(pod);
  await node.world.advance(10);
  node.keeper.assign(deleted(pod, 30));
  await node.world.advance(10);
  expect(node.engine.calls.slice(-3)).toEqual(['signal SIGTERM web/0', 'remove sandbox/0', 'remove web/0']);
  expect(node.gone).toEqual(['u1']);
  expect(node.table.ofPod('u1')).toEqual([]);
  expect(container(node).state?.terminated?.exitCode).toBe(143);
});

test('a container that does not listen is killed when the grace period is over', async () => {
  await using node = new FakeNode({ images: { sandbox: {}, web: { ignoresSignals: true } } });
  await node.boot();
  const pod = aPod();
  node.keeper.assign(pod);
  await node.world.advance(10);
  node.keeper.assign(deleted(pod, 30));
  await node.world.advance(29 * second);
  expect(node.engine.calls).not.toContain('signal SIGKILL web/0');
  await node.world.advance(1 * second + 10);
  expect(node.engine.calls).toContain('signal SIGKILL web/0');
  expect(node.gone).toEqual(['u1']);
});

test('a second deletion with a shorter grace period hastens the first', async () => {
  await using node = new FakeNode({ images: { sandbox: {}, web: { ignoresSignals: true } } });
  await node.boot();
  const pod = aPod();
  node.keeper.assign(pod);
  await node.world.advance(10);
  node.keeper.assign(deleted(pod, 600));
  await node.world.advance(5 * second);
  node.keeper.assign(deleted(pod, 2));
  await node.world.advance(10);
  expect(node.gone).toEqual(['u1']);
});

test('a pod that still gets connections through a service is ended only when it gets none, but not never', async () => {
  await using node = new FakeNode();
  await node.boot();
  const pod = aPod();
  node.keeper.assign(pod);
  await node.world.advance(10);
  node.served.add('10.244.0.2');
  node.keeper.assign(deleted(pod, 30));
  await node.world.advance(300);
  expect(node.engine.calls).not.toContain('signal SIGTERM web/0');
  node.served.clear();
  node.keeper.networkChanged();
  await node.world.advance(110);
  expect(node.engine.calls).toContain('signal SIGTERM web/0');
});

test('a pod whose service never lets go of it is ended after a second', async () => {
  await using node = new FakeNode();
  await node.boot();
  const pod = aPod();
  node.keeper.assign(pod);
  await node.world.advance(10);
  node.served.add('10.244.0.2');
  node.keeper.assign(deleted(pod, 30));
  await node.world.advance(1010);
  expect(node.gone).toEqual(['u1']);
});

test('the stop hook runs before the signal', async () => {
  await using node = new FakeNode();
  await node.boot();
  const lifecycle = { preStop: { exec: { command: ['drain'] } } };
  const pod = aPod({ containers: [{ name: 'web', image: 'web', lifecycle }] });
  node.keeper.assign(pod);
  await node.world.advance(10);
  node.keeper.assign(deleted(pod, 30));
  await node.world.advance(10);
  expect(node.hooks).toEqual(['web: drain']);
  expect(node.gone).toEqual(['u1']);
});

test('a stop hook that takes all of the grace period leaves the program two seconds', async () => {
  await using node = new FakeNode({ images: { sandbox: {}, web: { ignoresSignals: true } } });
  const hooks = {
    run: (_: unknown, __: unknown, timeoutMs: number) =>
      node.world.timers.sleep(timeoutMs).then(() => Promise.reject(new Error('too slow'))),
  };
  await node.boot({ hooks });
  const lifecycle = { preStop: { exec: { command: ['drain'] } } };
  const pod = aPod({ containers: [{ name: 'web', image: 'web', lifecycle }] });
  node.keeper.assign(pod);
  await node.world.advance(10);
  node.keeper.assign(deleted(pod, 10));
  await node.world.advance(10 * second + 10);
  expect(node.engine.calls).toContain('signal SIGTERM web/0');
  expect(node.engine.calls).not.toContain('signal SIGKILL web/0');
  await node.world.advance(2 * second);
  expect(node.engine.calls).toContain('signal SIGKILL web/0');
  expect(node.events.map(({ reason }) => reason)).toContain('FailedPreStopHook');
});

test('when the object is gone whatever runs of it is ended without ceremony', async () => {
  await using node = new FakeNode({ images: { sandbox: {}, web: { ignoresSignals: true } } });
  await node.boot();
  const pod = aPod({ terminationGracePeriodSeconds: 3600 });
  node.keeper.assign(pod);
  await node.world.advance(10);
  node.keeper.unassign('u1');
  await node.world.advance(2 * second);
  expect(node.gone).toEqual(['u1']);
});

test('an agent that was killed adopts what runs: nothing is touched, readiness and counts stay', async () => {
  await using node = new FakeNode();
  await node.boot();
  const readinessProbe = { httpGet: { port: 80 } };
  const pod = aPod({
    containers: [{ name: 'web', image: 'web', readinessProbe, lifecycle: { postStart: { exec: { command: ['x'] } } } }],
  });
  node.keeper.assign(pod);
  await node.world.advance(10);
  node.engine.end(node.idOf(pod, 'web'), 1);
  await node.world.advance(10);
  node.keeper.probed('u1', node.idOf(pod, 'web'), { readiness: true });
  await node.world.advance(10);
  const status = node.status('web-1');
  expect(container(node)).toMatchObject({ ready: true, restartCount: 1 });
  const calls = [...node.engine.calls];
  const hooks = [...node.hooks];
  await node.kill();
  await node.boot();
  node.keeper.assign({ ...pod, status });
  await node.world.advance(60 * second);
  expect(node.engine.calls).toEqual(calls);
  expect(node.hooks).toEqual(hooks);
  expect(node.status('web-1')).toEqual(status);
});

test('the back-off survives the agent', async () => {
  await using node = new FakeNode();
  await node.boot();
  const pod = aPod();
  node.keeper.assign(pod);
  await node.world.advance(10);
  node.engine.end(node.idOf(pod, 'web'), 1);
  await node.world.advance(10);
  node.engine.end(node.idOf(pod, 'web'), 1);
  await node.world.advance(10);
  const status = node.status('web-1');
  await node.kill();
  await node.boot();
  node.keeper.assign({ ...pod, status });
  await node.world.advance(5 * second);
  expect(container(node).state?.waiting?.reason).toBe('CrashLoopBackOff');
  await node.world.advance(6 * second);
  expect(container(node)).toMatchObject({ restartCount: 2, state: { running: {} } });
});

test('what died while no agent ran is started again', async () => {
  await using node = new FakeNode();
  await node.boot();
  const pod = aPod();
  node.keeper.assign(pod);
  await node.world.advance(10);
  const web = node.idOf(pod, 'web');
  const status = node.status('web-1');
  await node.kill();
  node.engine.end(web, 255);
  await node.boot();
  node.keeper.assign({ ...pod, status });
  await node.world.advance(10);
  expect(container(node)).toMatchObject({ restartCount: 1, state: { running: {} } });
});

test('a container made but not started by an agent that died is used by the next one', async () => {
  await using node = new FakeNode();
  await node.boot({ starts: { run: () => new Promise(() => undefined) } as never });
  const pod = aPod();
  node.keeper.assign(pod);
  await node.world.advance(10);
  expect(node.engine.calls).toEqual(['create sandbox/0', 'create web/0']);
  await node.kill();
  await node.boot();
  node.keeper.assign(pod);
  await node.world.advance(10);
  expect(node.engine.calls).toEqual(['create sandbox/0', 'create web/0', 'start sandbox/0', 'start web/0']);
});

test('containers of pods that the server does not name are removed, but only once it has named all', async () => {
  await using node = new FakeNode();
  await node.boot();
  const pod = aPod();
  node.keeper.assign(pod);
  await node.world.advance(10);
  await node.kill();
  await node.boot();
  await node.world.advance(60 * second);
  expect(node.table.ofPod('u1')).toHaveLength(2);
  node.keeper.retainOnly(new Set(), []);
  await node.world.advance(10);
  expect(node.table.ofPod('u1')).toEqual([]);
});

test('another image means another container, and a restart', async () => {
  await using node = new FakeNode({ images: { sandbox: {}, web: {}, 'web:2': {} } });
  await node.boot();
  const pod = aPod();
  node.keeper.assign(pod);
  await node.world.advance(10);
  node.keeper.assign(aPod({ containers: [{ name: 'web', image: 'web:2' }] }));
  await node.world.advance(10);
  expect(container(node)).toMatchObject({ restartCount: 1, image: 'web:2', state: { running: {} } });
  expect(node.events.find(({ reason }) => reason === 'Killing')?.message).toBe(
    'Container web definition changed, will be restarted',
  );
});

test('an unhealthy container is restarted, with the grace period that its probe grants', async () => {
  await using node = new FakeNode({ images: { sandbox: {}, web: { ignoresSignals: true } } });
  await node.boot();
  const livenessProbe = { terminationGracePeriodSeconds: 3 };
  const pod = aPod({ containers: [{ name: 'web', image: 'web', livenessProbe }], terminationGracePeriodSeconds: 60 });
  node.keeper.assign(pod);
  await node.world.advance(10);
  node.keeper.probed('u1', node.idOf(pod, 'web'), {
    unhealthy: 'Container web failed liveness probe, will be restarted',
  });
  await node.world.advance(3 * second + 10);
  expect(container(node)).toMatchObject({ restartCount: 1, state: { running: {} } });
});

test('an image that cannot be pulled shows the words of the registry, then a back-off, then is tried again', async () => {
  await using node = new FakeNode({ images: { sandbox: {} } });
  const pulls: number[] = [];
  await node.boot({
    images: {
      ensure: async () => {
        pulls.push(node.world.clock.wallMs());
        const { PodStepError } = await import('../src/pod/pod-ports.ts');
        throw new PodStepError('ErrImagePull', 'manifest unknown');
      },
    },
  });
  node.keeper.assign(aPod());
  await node.world.advance(100);
  expect(container(node).state?.waiting).toEqual({ reason: 'ErrImagePull', message: 'manifest unknown' });
  expect(node.status('web-1').phase).toBe('Pending');
  await node.world.advance(3 * second);
  expect(container(node).state?.waiting).toEqual({
    reason: 'ImagePullBackOff',
    message: 'Back-off pulling image "web": ErrImagePull: manifest unknown',
  });
  await node.world.advance(600 * second);
  const gaps = pulls.slice(1).map((at, index) => Math.round((at - (pulls[index] ?? 0)) / second));
  expect(gaps).toEqual([10, 20, 40, 80, 160]);
});

test('missing configuration keeps a container waiting until it comes', async () => {
  await using node = new FakeNode();
  await node.boot();
  const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } }];
  const pod = aPod({ containers: [{ name: 'web', image: 'web', env }] });
  node.engine.failNext('create', new EngineError('failed', 'engine trouble'));
  node.keeper.assign(pod);
  await node.world.advance(100);
  expect(node.status('web-1').phase).toBe('Pending');
  await node.world.advance(11 * second);
  expect(node.status('web-1').phase).toBe('Running');
});

test('a program that cannot be run counts as a failed start, with the reason of the engine', async () => {
  await using node = new FakeNode({ images: { sandbox: {}, web: { startError: 'exec: "nope": not found' } } });
  await node.boot();
  node.keeper.assign(aPod());
  await node.world.advance(1 * second);
  expect(container(node)).toMatchObject({ restartCount: 1, ready: false });
  expect(container(node).lastState?.terminated).toMatchObject({
    reason: 'StartError',
    exitCode: 127,
    message: 'exec: "nope": not found',
  });
  expect(container(node).state?.waiting?.reason).toBe('CrashLoopBackOff');
});

test('a container that took too much memory says so', async () => {
  await using node = new FakeNode();
  await node.boot();
  const pod = aPod();
  node.keeper.assign(pod);
  await node.world.advance(10);
  node.engine.end(node.idOf(pod, 'web'), 137, { oomKilled: true });
  await node.world.advance(10);
  expect(container(node).lastState?.terminated?.reason).toBe('OOMKilled');
});

test('a pod is ended when its deadline is over', async () => {
  await using node = new FakeNode();
  await node.boot();
  node.keeper.assign(aPod({ activeDeadlineSeconds: 30 }));
  await node.world.advance(29 * second);
  expect(node.status('web-1').phase).toBe('Running');
  await node.world.advance(2 * second);
  expect(node.status('web-1')).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' });
  expect(node.engine.calls).toContain('signal SIGTERM web/0');
});

test('a pod that asks for settings of the whole machine is refused before anything is made', async () => {
  await using node = new FakeNode();
  await node.boot();
  node.keeper.assign(aPod({ securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }));
  await node.world.advance(10);
  expect(node.status('web-1')).toMatchObject({
    phase: 'Failed',
    reason: 'SysctlForbidden',
    message: 'forbidden sysctl: "kernel.msgmax" not allowlisted',
  });
  expect(node.engine.calls).toEqual([]);
});

test('an engine that fails for a moment delays a pod, no more', async () => {
  await using node = new FakeNode();
  await node.boot();
  node.engine.failNext('start', new EngineError('unreachable', 'gone'));
  node.keeper.assign(aPod());
  await node.world.advance(60 * second);
  expect(node.status('web-1').phase).toBe('Running');
});

import { expect, test } from 'vitest';
import { EngineError } from '../src/engine/engine-error.ts';
import { aPod, FakeNode } from './support/fake-node.ts';
import { conditionsOf, container, deleted } from './support/pod-sights.ts';

const second = 1000;

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
  const pod = await node.run(aPod());
  node.engine.end(node.idOf(pod, 'web'), 137, { oomKilled: true });
  await node.world.advance(10);
  expect(container(node).lastState?.terminated?.reason).toBe('OOMKilled');
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

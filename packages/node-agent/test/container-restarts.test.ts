import { expect, test } from 'vitest';
import { aPod, FakeNode } from './support/fake-node.ts';
import { container } from './support/pod-sights.ts';

const second = 1000;

test('a killed container runs again at once, the second time after 10 s, then after 20 s', async () => {
  await using node = new FakeNode();
  const pod = await node.run(aPod());
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
    const pod = await node.run(aPod());
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
  const pod = await node.run(aPod());
  node.engine.end(node.idOf(pod, 'web'), 1);
  await node.world.advance(601 * second);
  node.engine.end(node.idOf(pod, 'web'), 1);
  await node.world.advance(10);
  expect(container(node).restartCount).toBe(2);
  expect(container(node).state?.running).toBeDefined();
});

test('only the newest ended run is kept for its log', async () => {
  await using node = new FakeNode();
  const pod = await node.run(aPod());
  for (let round = 0; round < 3; round += 1) {
    node.engine.end(node.idOf(pod, 'web'), 1);
    await node.world.advance(60 * second);
  }
  const kept = node.table.ofPod('u1').filter(({ identity }) => identity.role === 'container');
  expect(kept.map(({ identity }) => identity.attempt).sort()).toEqual([2, 3]);
});

test('a container removed behind our back is made anew and counted as a restart', async () => {
  await using node = new FakeNode();
  const pod = await node.run(aPod());
  node.engine.vanish(node.idOf(pod, 'web'));
  await node.world.advance(10);
  expect(container(node)).toMatchObject({ restartCount: 1, state: { running: {} } });
  expect(container(node).lastState?.terminated?.exitCode).toBe(137);
});

test('a container removed behind our back does not wait, however often it crashed, and does not count as a crash', async () => {
  await using node = new FakeNode();
  const pod = await node.run(aPod());
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
  const pod = await node.run(aPod());
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

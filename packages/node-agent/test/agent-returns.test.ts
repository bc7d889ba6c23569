import { expect, test } from 'vitest';
import { aPod, FakeNode } from './support/fake-node.ts';
import { container } from './support/pod-sights.ts';

const second = 1000;

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
  const pod = await node.run(aPod());
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
  const pod = await node.run(aPod());
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
  await node.run(aPod());
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
  await node.run(aPod());
  node.keeper.assign(aPod({ containers: [{ name: 'web', image: 'web:2' }] }));
  await node.world.advance(10);
  expect(container(node)).toMatchObject({ restartCount: 1, image: 'web:2', state: { running: {} } });
  expect(node.events.find(({ reason }) => reason === 'Killing')?.message).toBe(
    'Container web definition changed, will be restarted',
  );
});

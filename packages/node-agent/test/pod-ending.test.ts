import { expect, test } from 'vitest';
import { aPod, FakeNode } from './support/fake-node.ts';
import { container, deleted } from './support/pod-sights.ts';

const second = 1000;

test('a deleted pod is asked to end, then nothing of it is left, and only then it is reported gone', async () => {
  await using node = new FakeNode();
  const pod = await node.run(aPod());
  node.keeper.assign(deleted(pod, 30));
  await node.world.advance(10);
  expect(node.engine.calls.slice(-3)).toEqual(['signal SIGTERM web/0', 'remove sandbox/0', 'remove web/0']);
  expect(node.gone).toEqual(['u1']);
  expect(node.table.ofPod('u1')).toEqual([]);
  expect(container(node).state?.terminated?.exitCode).toBe(143);
});

test('a container that does not listen is killed when the grace period is over', async () => {
  await using node = new FakeNode({ images: { sandbox: {}, web: { ignoresSignals: true } } });
  const pod = await node.run(aPod());
  node.keeper.assign(deleted(pod, 30));
  await node.world.advance(29 * second);
  expect(node.engine.calls).not.toContain('signal SIGKILL web/0');
  await node.world.advance(1 * second + 10);
  expect(node.engine.calls).toContain('signal SIGKILL web/0');
  expect(node.gone).toEqual(['u1']);
});

test('a second deletion with a shorter grace period hastens the first', async () => {
  await using node = new FakeNode({ images: { sandbox: {}, web: { ignoresSignals: true } } });
  const pod = await node.run(aPod());
  node.keeper.assign(deleted(pod, 600));
  await node.world.advance(5 * second);
  node.keeper.assign(deleted(pod, 2));
  await node.world.advance(10);
  expect(node.gone).toEqual(['u1']);
});

test('a pod that still gets connections through a service is ended only when it gets none, but not never', async () => {
  await using node = new FakeNode();
  const pod = await node.run(aPod());
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
  const pod = await node.run(aPod());
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
  await node.run(aPod({ terminationGracePeriodSeconds: 3600 }));
  node.keeper.unassign('u1');
  await node.world.advance(2 * second);
  expect(node.gone).toEqual(['u1']);
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

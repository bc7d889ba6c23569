import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aPod, FakeNode } from './support/fake-node.ts';

const second = 1000;

type Trouble =
  | 'kill web'
  | 'kill side'
  | 'kill sandbox'
  | 'remove web'
  | 'remove sandbox'
  | 'restart agent'
  | 'engine fails'
  | 'wait'
  | 'new image'
  | 'unhealthy';

const troubles: readonly Trouble[] = [
  'kill web',
  'kill side',
  'kill sandbox',
  'remove web',
  'remove sandbox',
  'restart agent',
  'engine fails',
  'wait',
  'new image',
  'unhealthy',
];

async function makeTrouble(node: FakeNode, trouble: Trouble, image: { tag: number }): Promise<void> {
  const find = (name: string) =>
    node.table
      .ofPod('u1')
      .filter(
        (entry) =>
          (entry.identity.role === 'sandbox' ? 'sandbox' : entry.identity.container) === name && !entry.removed,
      )
      .sort((a, b) => b.identity.attempt - a.identity.attempt)[0]?.id ?? '';
  const { EngineError } = await import('../src/engine/engine-error.ts');
  switch (trouble) {
    case 'kill web':
    case 'kill side':
    case 'kill sandbox':
      node.engine.end(find(trouble.slice('kill '.length)), 137);
      return;
    case 'remove web':
    case 'remove sandbox':
      node.engine.vanish(find(trouble.slice('remove '.length)));
      return;
    case 'restart agent': {
      const status = node.status('web-1');
      await node.kill();
      await node.boot();
      node.keeper.assign({ ...podWith(image.tag), status });
      return;
    }
    case 'engine fails':
      for (const method of ['create', 'start', 'inspect', 'remove'] as const)
        node.engine.failNext(method, new EngineError('unreachable', 'gone'));
      return;
    case 'new image':
      image.tag += 1;
      node.engine.addImage(`web:${image.tag}`, {});
      node.keeper.assign(podWith(image.tag));
      return;
    case 'unhealthy':
      node.keeper.probed('u1', find('web'), { unhealthy: 'Container web failed liveness probe, will be restarted' });
      return;
    case 'wait':
      await node.world.advance(30 * second);
  }
}

function podWith(tag: number) {
  return aPod({
    containers: [
      { name: 'web', image: `web:${tag}` },
      { name: 'side', image: 'side' },
    ],
    terminationGracePeriodSeconds: 5,
  });
}

test('whatever happens to it, a pod ends up running: one sandbox, each container once, and nothing else', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...troubles), fc.nat(1500)), { maxLength: 12 }),
      async (story) => {
        await using node = new FakeNode({ images: { sandbox: {}, 'web:0': {}, side: {} }, latencyMs: 7 });
        const image = { tag: 0 };
        const booted = node.boot();
        await node.world.advance(50);
        await booted;
        node.keeper.assign(podWith(0));
        for (const [trouble, pauseMs] of story) {
          await node.world.advance(pauseMs);
          const made = makeTrouble(node, trouble, image);
          await node.world.advance(50);
          await made;
          const running = node.table.ofPod('u1').filter(({ state }) => state.kind === 'running');
          const names = running.map(({ identity }) => (identity.role === 'sandbox' ? 'sandbox' : identity.container));
          expect(new Set(names).size, `running at once: ${names}`).toBe(names.length);
        }
        await node.world.advance(1500 * second);
        const left = node.table.ofPod('u1').filter(({ removed }) => !removed);
        const shown = left
          .filter(({ state }) => state.kind === 'running')
          .map(({ identity }) => (identity.role === 'sandbox' ? 'sandbox' : identity.container));
        expect(shown.sort()).toEqual(['sandbox', 'side', 'web']);
        expect(node.status('web-1')).toMatchObject({ phase: 'Running' });
        expect(node.status('web-1').conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True');
        const web = left.find(
          ({ identity, state }) =>
            identity.role === 'container' && identity.container === 'web' && state.kind === 'running',
        );
        expect(web?.image).toBe(`web:${image.tag}`);
      },
    ),
    { numRuns: 40 },
  );
});

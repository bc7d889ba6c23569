import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addNode, admin, at, configMap, type Fixture, newest, openEngine, pod, refusalOf } from './engine-fixture.ts';

let engine: Fixture;
beforeEach(async () => {
  engine = await openEngine();
});
afterEach(() => engine[Symbol.asyncDispose]());

describe('a namespace', () => {
  const ref = { resource: 'namespaces', name: 'shop' };
  const create = () => engine.registry.create('namespaces', undefined, { metadata: { name: 'shop' } }, admin);
  const finalize = (object: object, finalizers: readonly string[]) =>
    engine.registry.finalizeNamespace('shop', { value: { ...object, spec: { finalizers } } }, admin);

  test('is active from the start and kept by its finalizer when it is deleted', async () => {
    const made = await create();
    expect(at(made, 'status', 'phase')).toBe('Active');
    expect(at(made, 'spec', 'finalizers')).toEqual(['kubernetes']);
    const marked = await engine.registry.delete(ref, {}, admin);
    expect(at(marked, 'status', 'phase')).toBe('Terminating');
    expect(marked?.metadata.deletionTimestamp).toBe('2026-05-02T10:00:00Z');
    expect(await engine.registry.delete(ref, {}, admin)).toEqual(marked);
  });

  test.each(['default', 'kube-system', 'kube-public'])('called %s stays, whatever a client wants', async (name) => {
    if (name !== 'default') await engine.registry.create('namespaces', undefined, { metadata: { name } }, admin);
    expect(await refusalOf(engine.registry.remove({ resource: 'namespaces', name }, {}, admin))).toEqual({
      code: 403,
      reason: 'Forbidden',
      message: `namespaces "${name}" is forbidden: this namespace may not be deleted`,
    });
  });

  test('takes nothing new once it is being deleted, says so, and still lets its content go', async () => {
    await create();
    await engine.registry.create('configmaps', 'shop', configMap('old'), admin);
    await engine.registry.delete(ref, {}, admin);
    expect(await refusalOf(engine.registry.create('configmaps', 'shop', configMap('new'), admin))).toEqual({
      code: 403,
      reason: 'Forbidden',
      message:
        'configmaps "new" is forbidden: unable to create new content in namespace shop because it is being terminated',
    });
    const old = { resource: 'configmaps', namespace: 'shop', name: 'old' };
    await engine.registry.update(old, configMap('old', { still: 'changeable' }), admin);
    expect(await engine.registry.delete(old, {}, admin)).toBeUndefined();
  });

  test('is gone with its last finalizer', async () => {
    await create();
    const marked = await engine.registry.delete(ref, {}, admin);
    const other = await finalize(marked ?? {}, ['example.com/mine']);
    expect(other.kind).toBe('put');
    const { registry } = engine;
    const current = await registry.get(ref, newest);
    expect(at(current, 'spec', 'finalizers')).toEqual(['example.com/mine']);
    expect((await finalize(current, [])).kind).toBe('deleted');
    expect(await refusalOf(registry.get(ref, newest))).toMatchObject({ code: 404 });
  });

  test('keeps its finalizers through ordinary updates', async () => {
    const made = await create();
    const updated = await engine.registry.update(ref, { ...made, spec: { finalizers: [] } }, admin);
    expect(at(updated, 'spec', 'finalizers')).toEqual(['kubernetes']);
  });

  test('finalizing an old version is a conflict', async () => {
    const made = await create();
    await engine.registry.delete(ref, {}, admin);
    expect(await refusalOf(finalize(made, []))).toMatchObject({ code: 409 });
  });

  test('nothing slips in while it is being deleted', async () => {
    await create();
    const names = Array.from({ length: 40 }, (_, index) => `c-${index}`);
    const creations = names.map((name) => engine.registry.create('configmaps', 'shop', configMap(name), admin));
    const deletion = engine.registry.delete(ref, {}, admin);
    const outcomes = await Promise.allSettled([...creations]);
    const marked = await deletion;
    const { items } = await engine.registry.list('configmaps', 'shop', newest);
    expect(items).toHaveLength(outcomes.filter((outcome) => outcome.status === 'fulfilled').length);
    for (const item of items)
      expect(Number(item.metadata.resourceVersion)).toBeLessThan(Number(marked?.metadata.resourceVersion));
  });
});

describe('a node', () => {
  const create = (name: string, spec: object = {}) =>
    engine.registry.create('nodes', undefined, { metadata: { name }, spec }, admin);

  test('gets the lowest free block of pod addresses and gives it back when it is deleted', async () => {
    expect(at(await create('n1'), 'spec', 'podCIDR')).toBe('10.244.0.0/24');
    expect(at(await create('n2'), 'spec', 'podCIDRs')).toEqual(['10.244.1.0/24']);
    await engine.registry.delete({ resource: 'nodes', name: 'n1' }, {}, admin);
    expect(at(await create('n3'), 'spec', 'podCIDR')).toBe('10.244.0.0/24');
  });

  test('many that come at once get different blocks', async () => {
    const made = await Promise.all(Array.from({ length: 100 }, (_, index) => create(`n${index}`)));
    expect(new Set(made.map((one) => at(one, 'spec', 'podCIDR'))).size).toBe(100);
  });

  test('may bring its own block, if nobody has it', async () => {
    expect(at(await create('n1', { podCIDR: '10.244.7.0/24' }), 'spec', 'podCIDR')).toBe('10.244.7.0/24');
    expect(await refusalOf(create('n2', { podCIDR: '10.244.7.0/24' }))).toMatchObject({
      code: 422,
      message: 'Node "n2" is invalid: spec.podCIDR: Invalid value: "10.244.7.0/24": is already allocated',
    });
  });

  test('keeps its block through updates', async () => {
    const made = await create('n1');
    const cordoned = await engine.registry.update(
      { resource: 'nodes', name: 'n1' },
      { metadata: { name: 'n1' }, spec: { unschedulable: true } },
      admin,
    );
    expect(at(cordoned, 'spec', 'podCIDR')).toBe(at(made, 'spec', 'podCIDR'));
  });
});

describe('a pod', () => {
  const create = (name: string, spec: object = {}) => engine.registry.create('pods', 'default', pod(name, spec), admin);
  const ref = (name: string) => ({ resource: 'pods', namespace: 'default', name });

  test('runs as the default account with priority 0 and waits for a node', async () => {
    const made = await create('web');
    expect(made['spec']).toMatchObject({
      serviceAccountName: 'default',
      priority: 0,
      schedulerName: 'default-scheduler',
    });
    expect(made['status']).toMatchObject({ phase: 'Pending', qosClass: 'BestEffort' });
  });

  test.each([
    [
      { serviceAccountName: 'robot' },
      'pods "web" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found',
    ],
    [{ priorityClassName: 'high' }, 'pods "web" is forbidden: no PriorityClass with name high was found'],
  ])('with %o is refused', async (spec, message) => {
    expect(await refusalOf(create('web', spec))).toEqual({ code: 403, reason: 'Forbidden', message });
  });

  test('takes the pull secrets of its account unless it names its own', async () => {
    const account = { metadata: { name: 'robot' }, imagePullSecrets: [{ name: 'registry' }] };
    await engine.registry.create('serviceaccounts', 'default', account, admin);
    expect(at(await create('a', { serviceAccountName: 'robot' }), 'spec', 'imagePullSecrets')).toEqual([
      { name: 'registry' },
    ]);
    const own = await create('b', { serviceAccountName: 'robot', imagePullSecrets: [{ name: 'mine' }] });
    expect(at(own, 'spec', 'imagePullSecrets')).toEqual([{ name: 'mine' }]);
  });

  test('is bound to a node once', async () => {
    const { metadata } = await create('web');
    await addNode(engine.registry);
    await engine.registry.bind('default', 'web', metadata.uid, 'n1', admin);
    const bound = await engine.registry.get(ref('web'), newest);
    expect(at(bound, 'spec', 'nodeName')).toBe('n1');
    expect(at(bound, 'status', 'conditions')).toEqual([
      { type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-05-02T10:00:00Z' },
    ]);
    expect(await refusalOf(engine.registry.bind('default', 'web', metadata.uid, 'n2', admin))).toEqual({
      code: 409,
      reason: 'Conflict',
      message: 'Operation cannot be fulfilled on pods/binding "web": pod web is already assigned to node "n1"',
    });
  });

  test('of another uid is not bound', async () => {
    await create('web');
    expect(await refusalOf(engine.registry.bind('default', 'web', 'other', 'n1', admin))).toMatchObject({ code: 409 });
    expect(at(await engine.registry.get(ref('web'), newest), 'spec', 'nodeName')).toBeUndefined();
  });

  test('is evicted unless a budget forbids it', async () => {
    await using guarded = await openEngine({
      evictionGate: () => 'The disruption budget web needs 1 healthy pods and has 1 currently',
    });
    for (const fixture of [engine, guarded]) {
      const made = await fixture.registry.create('pods', 'default', pod('web'), admin);
      await addNode(fixture.registry);
      await fixture.registry.bind('default', 'web', made.metadata.uid, 'n1', admin);
      const running = (now: object) => ({ ...now, status: { phase: 'Running', qosClass: 'BestEffort' } });
      await fixture.registry.modify(ref('web'), 'status', running, admin);
    }
    await engine.registry.evict(ref('web'), {}, admin);
    expect((await engine.registry.get(ref('web'), newest)).metadata.deletionTimestamp).toBeDefined();
    expect(await refusalOf(guarded.registry.evict(ref('web'), {}, admin))).toEqual({
      code: 429,
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
    });
  });
});

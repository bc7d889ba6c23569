import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  addNode,
  admin,
  at,
  configMap,
  deployment,
  type Fixture,
  newest,
  openEngine,
  pod,
  refusalOf,
} from './engine-fixture.ts';

let engine: Fixture;
beforeEach(async () => {
  engine = await openEngine();
});
afterEach(() => engine[Symbol.asyncDispose]());

const settings = (name: string) => ({ resource: 'configmaps', namespace: 'default', name });
const web = { resource: 'deployments.apps', namespace: 'default', name: 'web' };

describe('create', () => {
  test('gives an object uid, time of creation, namespace, version and defaults', async () => {
    const made = await engine.registry.create('deployments.apps', 'default', deployment('web'), admin);
    expect(made.metadata).toMatchObject({
      name: 'web',
      namespace: 'default',
      generation: 1,
      creationTimestamp: '2026-05-02T10:00:00Z',
      resourceVersion: String(engine.store.status().revision),
    });
    expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(at(made, 'spec', 'strategy', 'type')).toBe('RollingUpdate');
    expect(await engine.registry.get(web, newest)).toEqual(made);
  });

  test('ignores what only the server may say', async () => {
    const made = await engine.registry.create(
      'configmaps',
      'default',
      {
        metadata: {
          name: 'a',
          uid: 'mine',
          creationTimestamp: '1999-01-01T00:00:00Z',
          deletionTimestamp: '1999-01-01T00:00:00Z',
          deletionGracePeriodSeconds: 3,
          generation: 7,
        },
      },
      admin,
    );
    expect(made.metadata.uid).not.toBe('mine');
    expect(made.metadata.creationTimestamp).toBe('2026-05-02T10:00:00Z');
    expect(made.metadata.deletionTimestamp).toBeUndefined();
    expect(made.metadata.deletionGracePeriodSeconds).toBeUndefined();
  });

  test('draws a name of generateName and five characters, another one when it is taken', async () => {
    const first = await engine.registry.create('configmaps', 'default', { metadata: { generateName: 'run-' } }, admin);
    expect(first.metadata.name).toMatch(/^run-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    let draws = 0;
    const repeating = { integer: () => (draws++ < 10 ? 0 : 1) };
    await using fixture = await openEngine();
    const { createRegistry } = await import('../../src/registry/object-engine.ts');
    const { realWorld } = await import('@berth/world');
    const registry = createRegistry({
      store: fixture.store,
      cache: fixture.cache,
      world: { ...realWorld, random: { ...realWorld.random, ...repeating } },
    });
    const names: string[] = [];
    for (let i = 0; i < 2; i += 1)
      names.push(
        (await registry.create('configmaps', 'default', { metadata: { generateName: 'x-' } }, admin)).metadata.name,
      );
    expect(names).toEqual(['x-bbbbb', 'x-ccccc']);
  });

  test.each([
    [
      'a name that exists',
      'configmaps',
      'default',
      configMap('taken'),
      409,
      'AlreadyExists',
      'configmaps "taken" already exists',
    ],
    [
      'no name',
      'configmaps',
      'default',
      { metadata: {} },
      422,
      'Invalid',
      'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    ],
    [
      'a namespace that does not exist',
      'configmaps',
      'nowhere',
      configMap('a'),
      404,
      'NotFound',
      'namespaces "nowhere" not found',
    ],
    [
      'another namespace in the body',
      'configmaps',
      'default',
      { metadata: { name: 'a', namespace: 'other' } },
      400,
      'BadRequest',
      'the namespace of the provided object does not match the namespace sent on the request: other is not default',
    ],
    [
      'a version',
      'configmaps',
      'default',
      { metadata: { name: 'a', resourceVersion: '1' } },
      400,
      'BadRequest',
      'resourceVersion should not be set on objects to be created',
    ],
  ])('refuses %s', async (_case, resource, namespace, object, code, reason, message) => {
    await engine.registry.create('configmaps', 'default', configMap('taken'), admin);
    const before = engine.store.status().revision;
    expect(await refusalOf(engine.registry.create(resource, namespace, object, admin))).toEqual({
      code,
      reason,
      message,
    });
    expect(engine.store.status().revision).toBe(before);
  });

  test('a dry run answers the object and stores nothing', async () => {
    const before = engine.store.status().revision;
    const made = await engine.registry.create('configmaps', 'default', configMap('a'), { ...admin, dryRun: true });
    expect(made.metadata.name).toBe('a');
    expect(made.metadata.resourceVersion).toBeUndefined();
    expect(engine.store.status().revision).toBe(before);
    await engine.registry.create('configmaps', 'default', configMap('a'), admin);
    const again = engine.registry.create('configmaps', 'default', configMap('a'), { ...admin, dryRun: true });
    expect(await refusalOf(again)).toMatchObject({ reason: 'AlreadyExists' });
  });

  test('hundred writers that want one name: one gets it', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, () => engine.registry.create('configmaps', 'default', configMap('one'), admin)),
    );
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
  });
});

describe('update', () => {
  test('replaces the object, keeps its identity and gives it a new version', async () => {
    const made = await engine.registry.create('configmaps', 'default', configMap('a', { k: '1' }), admin);
    const changed = await engine.registry.update(settings('a'), configMap('a', { k: '2' }), admin);
    expect(changed.metadata).toEqual({ ...made.metadata, resourceVersion: changed.metadata.resourceVersion });
    expect(Number(changed.metadata.resourceVersion)).toBeGreaterThan(Number(made.metadata.resourceVersion));
    expect(changed['data']).toEqual({ k: '2' });
  });

  test('a write that changes nothing keeps the version', async () => {
    const made = await engine.registry.create('configmaps', 'default', configMap('a', { k: '1' }), admin);
    expect(await engine.registry.update(settings('a'), made, admin)).toEqual(made);
    expect(await engine.registry.update(settings('a'), configMap('a', { k: '1' }), admin)).toEqual(made);
  });

  test('raises the generation when the spec changes, and only then', async () => {
    const made = await engine.registry.create('deployments.apps', 'default', deployment('web'), admin);
    const labelled = await engine.registry.update(
      web,
      { ...made, metadata: { ...made.metadata, labels: { tier: 'front' } } },
      admin,
    );
    expect(labelled.metadata.generation).toBe(1);
    const scaled = await engine.registry.update(web, deployment('web', 5), admin);
    expect(scaled.metadata.generation).toBe(2);
  });

  test('leaves the status alone, and /status leaves all else alone', async () => {
    const made = await engine.registry.create('deployments.apps', 'default', deployment('web'), admin);
    const bold = { ...deployment('web', 9), status: { replicas: 9 } };
    const updated = await engine.registry.update(web, bold, admin);
    expect(at(updated, 'status', 'replicas')).toBeUndefined();
    const reported = await engine.registry.updateStatus(
      web,
      { ...deployment('web', 1), status: { replicas: 4 } },
      admin,
    );
    expect(at(reported, 'status', 'replicas')).toBe(4);
    expect(at(reported, 'spec', 'replicas')).toBe(9);
    expect(reported.metadata.generation).toBe(updated.metadata.generation);
    expect(made.metadata.uid).toBe(reported.metadata.uid);
  });

  test.each([
    [
      'an old version',
      { resourceVersion: '1' },
      409,
      'Conflict',
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    ],
    [
      'another uid',
      { uid: 'other' },
      409,
      'Conflict',
      /Precondition failed: UID in precondition: other, UID in object meta: [0-9a-f-]{36}$/,
    ],
    [
      'another name',
      { name: 'b' },
      400,
      'BadRequest',
      'the name of the object (b) does not match the name on the URL (a)',
    ],
    [
      'another time of creation',
      { creationTimestamp: '1999-01-01T00:00:00Z' },
      422,
      'Invalid',
      /metadata.creationTimestamp: Invalid value: .*: field is immutable/,
    ],
  ])('refuses %s', async (_case, metadata, code, reason, message) => {
    await engine.registry.create('configmaps', 'default', configMap('a'), admin);
    const refusal = await refusalOf(
      engine.registry.update(settings('a'), { metadata: { name: 'a', ...metadata }, data: { x: 'y' } }, admin),
    );
    expect(refusal).toEqual({
      code,
      reason,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
  });

  test('of what does not exist is not found', async () => {
    expect(await refusalOf(engine.registry.update(settings('x'), configMap('x'), admin))).toEqual({
      code: 404,
      reason: 'NotFound',
      message: 'configmaps "x" not found',
    });
  });

  test('modify tries again when somebody else was faster, so that no increment is lost', async () => {
    await engine.registry.create('configmaps', 'default', configMap('counter', { n: '0' }), admin);
    const increment = () =>
      engine.registry.modify(
        settings('counter'),
        'object',
        (current) => ({ ...current, data: { n: String(Number(at(current, 'data', 'n')) + 1) } }),
        admin,
      );
    await Promise.all(Array.from({ length: 8 }, increment));
    expect(at(await engine.registry.get(settings('counter'), newest), 'data', 'n')).toBe('8');
  });

  test('modify with nothing to do writes nothing', async () => {
    await engine.registry.create('configmaps', 'default', configMap('a'), admin);
    const before = engine.store.status().revision;
    expect(await engine.registry.modify(settings('a'), 'object', () => undefined, admin)).toBeUndefined();
    expect(engine.store.status().revision).toBe(before);
  });

  test('a write decided under an ended leadership is refused', async () => {
    const { leadership } = engine.store.status();
    if (leadership.kind !== 'leader') throw new Error('the memory store leads');
    engine.store.elect('lead');
    const late = engine.registry.create('configmaps', 'default', configMap('a'), { ...admin, fence: leadership.fence });
    const refusal: unknown = await late.catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 409, reason: 'Conflict', cause: { code: 'fenced' } });
  });

  test('without a quorum nothing is written, and the refusal says so', async () => {
    engine.store.elect({ leaderless: 'server-2 and server-3 do not answer' });
    expect(await refusalOf(engine.registry.create('configmaps', 'default', configMap('a'), admin))).toEqual({
      code: 503,
      reason: 'ServiceUnavailable',
      message: 'no quorum: server-2 and server-3 do not answer; nothing was applied',
    });
  });
});

describe('finalizers', () => {
  test('keep a deleted object until the last one is taken off', async () => {
    await engine.registry.create(
      'configmaps',
      'default',
      { metadata: { name: 'a', finalizers: ['example.com/x'] } },
      admin,
    );
    const marked = await engine.registry.delete(settings('a'), {}, admin);
    expect(marked?.metadata).toMatchObject({
      deletionTimestamp: '2026-05-02T10:00:00Z',
      deletionGracePeriodSeconds: 0,
      finalizers: ['example.com/x'],
    });
    const more = { ...marked, metadata: { ...marked?.metadata, finalizers: ['example.com/x', 'example.com/y'] } };
    expect(await refusalOf(engine.registry.update(settings('a'), more, admin))).toMatchObject({ code: 422 });
    const freed = { ...marked, metadata: { ...marked?.metadata, finalizers: [] } };
    await engine.registry.update(settings('a'), freed, admin);
    expect(await refusalOf(engine.registry.get(settings('a'), newest))).toMatchObject({ code: 404 });
  });

  test.each([
    ['Foreground', 'foregroundDeletion'],
    ['Orphan', 'orphan'],
  ] as const)('%s deletion leaves the object to the garbage collector', async (propagation, finalizer) => {
    await engine.registry.create('deployments.apps', 'default', deployment('web'), admin);
    const marked = await engine.registry.delete(web, { propagation }, admin);
    expect(marked?.metadata.finalizers).toEqual([finalizer]);
    expect(marked?.metadata.generation).toBe(2);
  });

  test('Background takes a waiting object out of the hands of the garbage collector', async () => {
    await engine.registry.create('deployments.apps', 'default', deployment('web'), admin);
    await engine.registry.delete(web, { propagation: 'Foreground' }, admin);
    expect(await engine.registry.delete(web, { propagation: 'Background' }, admin)).toBeUndefined();
  });
});

describe('delete', () => {
  test('of an ordinary object is done at once', async () => {
    await engine.registry.create('configmaps', 'default', configMap('a'), admin);
    expect(await engine.registry.delete(settings('a'), {}, admin)).toBeUndefined();
    expect(await refusalOf(engine.registry.delete(settings('a'), {}, admin))).toMatchObject({ code: 404 });
  });

  test.each([
    [{ uid: 'other' }, 'UID'],
    [{ resourceVersion: '1' }, 'ResourceVersion'],
  ])('refuses when the precondition %o does not hold', async (preconditions, field) => {
    await engine.registry.create('configmaps', 'default', configMap('a'), admin);
    const refusal = await refusalOf(engine.registry.delete(settings('a'), { preconditions }, admin));
    expect(refusal).toMatchObject({ code: 409, message: expect.stringContaining(`Precondition failed: ${field}`) });
  });

  test('of a pod that no node has is done at once', async () => {
    await engine.registry.create('pods', 'default', pod('a'), admin);
    expect(
      await engine.registry.delete({ resource: 'pods', namespace: 'default', name: 'a' }, {}, admin),
    ).toBeUndefined();
  });

  test('of a running pod gives it time, which can be shortened but not extended', async () => {
    const ref = { resource: 'pods', namespace: 'default', name: 'a' };
    const made = await engine.registry.create('pods', 'default', pod('a'), admin);
    await addNode(engine.registry);
    await engine.registry.bind('default', 'a', made.metadata.uid, 'n1', admin);
    const marked = await engine.registry.delete(ref, {}, admin);
    expect(marked?.metadata).toMatchObject({
      deletionTimestamp: '2026-05-02T10:00:30Z',
      deletionGracePeriodSeconds: 30,
    });
    engine.laterBy(5_000);
    expect(
      (await engine.registry.delete(ref, { gracePeriodSeconds: 60 }, admin))?.metadata.deletionGracePeriodSeconds,
    ).toBe(30);
    expect((await engine.registry.delete(ref, { gracePeriodSeconds: 10 }, admin))?.metadata).toMatchObject({
      deletionTimestamp: '2026-05-02T10:00:10Z',
      deletionGracePeriodSeconds: 10,
    });
    expect(await engine.registry.delete(ref, { gracePeriodSeconds: 0 }, admin)).toBeUndefined();
  });

  test('of a pod that has ended is done at once', async () => {
    const ref = { resource: 'pods', namespace: 'default', name: 'a' };
    const made = await engine.registry.create('pods', 'default', pod('a'), admin);
    await addNode(engine.registry);
    await engine.registry.bind('default', 'a', made.metadata.uid, 'n1', admin);
    await engine.registry.modify(
      ref,
      'status',
      (now) => ({ ...now, status: { ...(now['status'] as object), phase: 'Succeeded' } }),
      admin,
    );
    expect(await engine.registry.delete(ref, {}, admin)).toBeUndefined();
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { admin, at, type Fixture, newest, openEngine, refusalOf, service } from './engine-fixture.ts';

let engine: Fixture;
beforeEach(async () => {
  engine = await openEngine({ serviceCidr: '10.96.0.0/24', nodePorts: { first: 30_000, last: 30_063 } });
});
afterEach(() => engine[Symbol.asyncDispose]());

const ref = (name: string) => ({ resource: 'services', namespace: 'default', name });
const create = (name: string, spec: object = {}) =>
  engine.registry.create('services', 'default', service(name, spec), admin);
const update = (name: string, spec: object) => engine.registry.update(ref(name), service(name, spec), admin);

async function taken(pool: string): Promise<readonly string[]> {
  const prefix = `/berth/allocations/${pool}/`;
  const { kvs } = await engine.store.range({ from: prefix, to: `${prefix}~`, consistency: newest });
  return kvs.map((kv) => kv.key.slice(prefix.length));
}

describe('the address of a service', () => {
  test('is given from the range, and is taken as long as the service lives', async () => {
    const made = await create('web');
    const address = at(made, 'spec', 'clusterIP') as string;
    expect(address).toMatch(/^10\.96\.0\.\d+$/);
    expect(at(made, 'spec', 'clusterIPs')).toEqual([address]);
    expect(await taken('cluster-ips')).toEqual([address]);
    await engine.registry.delete(ref('web'), {}, admin);
    expect(await taken('cluster-ips')).toEqual([]);
  });

  test('may be asked for, once', async () => {
    expect(at(await create('web', { clusterIP: '10.96.0.10' }), 'spec', 'clusterIPs')).toEqual(['10.96.0.10']);
    expect(await refusalOf(create('other', { clusterIP: '10.96.0.10' }))).toEqual({
      code: 422,
      reason: 'Invalid',
      message:
        'Service "other" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated',
    });
  });

  test.each(['192.168.1.1', '10.96.0.0', '10.96.0.255'])('%s is not to be had', async (clusterIP) => {
    expect(await refusalOf(create('web', { clusterIP }))).toMatchObject({
      code: 422,
      message: expect.stringContaining(
        `the provided IP (${clusterIP}) is not in the valid range. The range of valid IPs is 10.96.0.0/24`,
      ),
    });
  });

  test('is not given to headless services and external names', async () => {
    await create('headless', { clusterIP: 'None' });
    await create('outside', { type: 'ExternalName', externalName: 'example.com' });
    expect(await taken('cluster-ips')).toEqual([]);
  });

  test('is kept by an update that does not name it, and by one that repeats it', async () => {
    const address = at(await create('web'), 'spec', 'clusterIP') as string;
    const changed = await update('web', { ports: [{ port: 81 }] });
    expect(at(changed, 'spec', 'clusterIP')).toBe(address);
    expect(at(await update('web', { ports: [{ port: 82 }], clusterIP: address }), 'spec', 'clusterIP')).toBe(address);
    expect(await taken('cluster-ips')).toEqual([address]);
  });

  test('goes when the service becomes an external name, and a new one comes when it turns back', async () => {
    await create('web');
    const outside = await update('web', { type: 'ExternalName', externalName: 'example.com' });
    expect(at(outside, 'spec', 'clusterIP')).toBeUndefined();
    expect(await taken('cluster-ips')).toEqual([]);
    const back = await update('web', { type: 'ClusterIP' });
    expect(await taken('cluster-ips')).toEqual([at(back, 'spec', 'clusterIP')]);
  });

  test('is different for services created at the same time', async () => {
    const made = await Promise.all(Array.from({ length: 60 }, (_, index) => create(`web-${index}`)));
    const addresses = made.map((one) => at(one, 'spec', 'clusterIP'));
    expect(new Set(addresses).size).toBe(60);
    expect(addresses).not.toContain('10.96.0.1');
  });

  test('is refused when the range is full, and nothing is stored', async () => {
    await using small = await openEngine({ serviceCidr: '10.96.0.0/30' });
    const one = (name: string) => small.registry.create('services', 'default', service(name), admin);
    await one('a');
    await one('b');
    expect(await refusalOf(one('c'))).toMatchObject({
      code: 500,
      message: 'Internal error occurred: failed to allocate a cluster IP: range 10.96.0.0/30 is full',
    });
    await small.registry.delete(ref('a'), {}, admin);
    expect(at(await one('c'), 'spec', 'clusterIP')).toMatch(/^10\.96\.0\.[12]$/);
  });

  test('is not taken by a dry run', async () => {
    const made = await engine.registry.create('services', 'default', service('web'), { ...admin, dryRun: true });
    expect(at(made, 'spec', 'clusterIP')).toMatch(/^10\.96\.0\.\d+$/);
    expect(await taken('cluster-ips')).toEqual([]);
  });
});

describe('the node port of a service', () => {
  const nodePort = (made: unknown, index = 0) =>
    (made as { spec: { ports: { nodePort?: number }[] } }).spec.ports[index]?.nodePort;

  test('is given from the range, once per port', async () => {
    const ports = [
      { name: 'a', port: 80 },
      { name: 'b', port: 81 },
    ];
    const made = await create('web', { type: 'NodePort', ports });
    const given = [nodePort(made, 0), nodePort(made, 1)];
    expect(new Set(given).size).toBe(2);
    expect(await taken('node-ports')).toEqual(given.map(String).sort());
  });

  test('may be asked for, once; one number serves TCP and UDP of one service', async () => {
    const both = [
      { name: 'a', port: 53, nodePort: 30_010, protocol: 'TCP' },
      { name: 'b', port: 53, nodePort: 30_010, protocol: 'UDP' },
    ];
    await create('dns', { type: 'NodePort', ports: both });
    const again = create('web', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_010 }] });
    expect(await refusalOf(again)).toEqual({
      code: 422,
      reason: 'Invalid',
      message:
        'Service "web" is invalid: spec.ports[0].nodePort: Invalid value: 30010: provided port is already allocated',
    });
    expect(await taken('cluster-ips')).toHaveLength(1);
  });

  test('outside the range is refused', async () => {
    const refusal = await refusalOf(create('web', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }));
    expect(refusal.message).toBe(
      'Service "web" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-30063',
    );
  });

  test('is kept through updates, goes with the type and with the port', async () => {
    const made = await create('web', {
      type: 'NodePort',
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 81 },
      ],
    });
    const kept = await update('web', { type: 'NodePort', ports: [{ name: 'a', port: 80 }] });
    expect(nodePort(kept)).toBe(nodePort(made));
    expect(await taken('node-ports')).toEqual([String(nodePort(made))]);
    const inner = await update('web', { type: 'ClusterIP', ports: [{ name: 'a', port: 80 }] });
    expect(nodePort(inner)).toBeUndefined();
    expect(await taken('node-ports')).toEqual([]);
    expect(at(inner, 'spec', 'clusterIP')).toBe(at(made, 'spec', 'clusterIP'));
  });
});

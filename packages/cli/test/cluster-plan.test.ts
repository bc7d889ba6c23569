import { expect, test } from 'vitest';
import { expectShape, type HostPlan, hostNamed, planCluster, shapeOf, usualShape } from '../src/dev/cluster-plan.ts';
import { freeNetworks, routedBlocks } from '../src/dev/free-networks.ts';
import { processArguments } from '../src/dev/process-arguments.ts';

const networks = { hosts: '10.89', podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16' };

test('the usual cluster: three servers and four nodes in two data centers', () => {
  const { hosts } = planCluster(usualShape, networks);
  expect(hosts.map(({ address, dataCenter, name }) => `${name} dc-${dataCenter} ${address}`)).toEqual([
    'server-1 dc-1 10.89.1.11',
    'server-2 dc-2 10.89.2.12',
    'server-3 dc-1 10.89.1.13',
    'node-1 dc-1 10.89.1.101',
    'node-2 dc-1 10.89.1.102',
    'node-3 dc-2 10.89.2.101',
    'node-4 dc-2 10.89.2.102',
  ]);
});

test.each([
  [{ servers: 3, dataCenters: 3 }, [1, 2, 3]],
  [{ servers: 5, dataCenters: 3 }, [1, 2, 3, 1, 2]],
  [{ servers: 1, dataCenters: 2 }, [1]],
])('%j: servers go round the data centers', (shape, dataCenters) => {
  const { hosts } = planCluster({ ...usualShape, ...shape }, networks);
  expect(hosts.filter(({ role }) => role === 'server').map(({ dataCenter }) => dataCenter)).toEqual(dataCenters);
});

test('no two hosts share an address in the largest cluster', () => {
  const largest = { isolated: true, dataCenters: 24, nodesPerDataCenter: 100, servers: 7 };
  const addresses = planCluster(largest, networks).hosts.map(({ address }) => address);
  expect(new Set(addresses).size).toBe(addresses.length);
});

test.each([
  [{ dataCenters: 0 }, '--dcs must be a whole number from 1 to 24, got 0'],
  [{ nodesPerDataCenter: 101 }, '--nodes must be a whole number from 1 to 100, got 101'],
  [{ servers: 8 }, '--servers must be a whole number from 1 to 7, got 8'],
])('%j is refused', (shape, message) => {
  expect(() => planCluster({ ...usualShape, ...shape }, networks)).toThrow(message);
});

test('a plan knows the shape that it was made from, and refuses another', () => {
  const plan = planCluster(usualShape, networks);
  expect(shapeOf(plan)).toEqual(usualShape);
  expect(() => expectShape(plan, {})).not.toThrow();
  expect(() => expectShape(plan, { servers: 3, dataCenters: 2 })).not.toThrow();
  expect(() => expectShape(plan, { dataCenters: 3 })).toThrow('was made with --dcs 2, not 3');
  expect(() => expectShape(plan, { isolated: true })).toThrow('has no isolated hosts');
});

test('the profiles of the scheduler are handed to every server, after a restart too, and to no agent', () => {
  const shape = { ...usualShape, schedulerConfig: '/etc/profiles.yaml' };
  const plan = planCluster(shape, networks);
  expect(shapeOf(plan)).toEqual(shape);
  const files = { dataDir: '/data', engineSocket: '/run/docker.sock' };
  const flagged = plan.hosts.filter((host) => {
    const argv = processArguments(plan, host, files, undefined);
    return argv[argv.indexOf('--scheduler-config') + 1] === '/etc/profiles.yaml';
  });
  expect(flagged.map(({ name }) => name)).toEqual(['server-1', 'server-2', 'server-3']);
  expect(
    processArguments(planCluster(usualShape, networks), plan.hosts[0] as HostPlan, files, undefined),
  ).not.toContain('--scheduler-config');
  expect(() => expectShape(plan, { schedulerConfig: '/etc/other.yaml' })).toThrow('with another --scheduler-config');
});

test('a host that is not there is named with those that are', () => {
  expect(() => hostNamed(planCluster(usualShape, networks), 'node-9')).toThrow(
    'no host is called "node-9"; there are server-1,',
  );
});

const header = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';
const routes = (...lines: string[]): string => [header, ...lines.map((line) => `${line}\t0\t0\t0`), ''].join('\n');
const route = (destination: string, mask: string): string => `eth0\t${destination}\t00000000\t0001\t0\t0\t0\t${mask}`;

test('routes are read from the kernel: hexadecimal, least significant byte first, the default route left out', () => {
  const table = routes(route('00000000', '00000000'), route('0000590A', '0000FFFF'), route('000011AC', '0000FFFF'));
  expect(routedBlocks(table)).toEqual([
    { base: 0x0a590000, mask: 0xffff0000 },
    { base: 0xac110000, mask: 0xffff0000 },
  ]);
});

test('networks are the usual ones, unless a route leads into them', () => {
  expect(freeNetworks([])).toEqual(networks);
  const hosts = routedBlocks(routes(route('0005590A', '00FFFFFF')));
  expect(freeNetworks(hosts).hosts).toBe('10.90');
  const pods = routedBlocks(routes(route('0000F40A', '0000FFFF'), route('0001F50A', '00FFFFFF')));
  expect(freeNetworks(pods).podCidr).toBe('10.246.0.0/16');
  const services = routedBlocks(routes(route('0000600A', '0000FCFF')));
  expect(freeNetworks(services).serviceCidr).toBe('10.100.0.0/16');
});

test('a route into all of 10.0.0.0/8 leaves no network', () => {
  const all = routedBlocks(routes(route('0000000A', '000000FF')));
  expect(() => freeNetworks(all)).toThrow(
    'this machine has routes into all networks from 10.89.0.0/16 to 10.240.0.0/16',
  );
});

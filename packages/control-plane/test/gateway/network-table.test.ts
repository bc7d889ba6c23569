import type { EndpointSlice, Node, Service } from '@berth/api';
import { describe, expect, test } from 'vitest';
import { type NetworkState, networkTable } from '../../src/gateway/network-table.ts';

function service(name: string, spec: Service['spec']): Service {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec };
}

function slice(name: string, of: string, rest: Partial<EndpointSlice>): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': of } },
    addressType: 'IPv4',
    ...rest,
  };
}

function node(name: string, ip: string, podCIDR: string): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    spec: { podCIDR },
    status: { addresses: [{ type: 'InternalIP', address: ip }] },
  };
}

function table(state: Partial<NetworkState>) {
  return networkTable({ services: [], slices: [], nodes: [], ...state });
}

describe('services', () => {
  test('each port has the endpoints of the slice port of its name', () => {
    const web = service('web', {
      clusterIP: '10.96.0.10',
      ports: [
        { name: 'http', port: 80, protocol: 'TCP', nodePort: 30_080 },
        { name: 'metrics', port: 9090 },
      ],
    });
    const endpoints = [{ addresses: ['10.244.1.5'], nodeName: 'n1', zone: 'z1' }];
    const ports = [
      { name: 'http', port: 8080 },
      { name: 'metrics', port: 9999 },
    ];
    const [entry] = table({ services: [web], slices: [slice('web-1', 'web', { endpoints, ports })] }).services;
    expect(entry).toMatchObject({ namespace: 'default', name: 'web', clusterIp: '10.96.0.10', affinitySeconds: 0 });
    expect(entry?.ports).toMatchObject([
      {
        name: 'http',
        protocol: 'TCP',
        port: 80,
        nodePort: 30_080,
        endpoints: [{ ip: '10.244.1.5', port: 8080, zone: 'z1' }],
      },
      { name: 'metrics', protocol: 'TCP', port: 9090, nodePort: 0, endpoints: [{ ip: '10.244.1.5', port: 9999 }] },
    ]);
  });

  test.each([
    { conditions: undefined, wanted: { ready: true, serving: true, terminating: false } },
    { conditions: { ready: false }, wanted: { ready: false, serving: false, terminating: false } },
    {
      conditions: { ready: false, serving: true, terminating: true },
      wanted: { ready: false, serving: true, terminating: true },
    },
  ])('conditions $conditions mean $wanted', ({ conditions, wanted }) => {
    const endpoints = [{ addresses: ['10.244.1.5'], ...(conditions === undefined ? {} : { conditions }) }];
    const web = service('web', { clusterIP: '10.96.0.10', ports: [{ port: 80 }] });
    const { services } = table({ services: [web], slices: [slice('a', 'web', { endpoints, ports: [{ port: 80 }] })] });
    expect(services[0]?.ports[0]?.endpoints[0]).toMatchObject(wanted);
  });

  test('a headless service has no address; without ports its endpoints stand under port 0', () => {
    const endpoints = [{ addresses: ['10.244.1.5'], hostname: 'db-0' }];
    const db = service('db', { clusterIP: 'None' });
    const [entry] = table({ services: [db], slices: [slice('db-1', 'db', { endpoints })] }).services;
    expect(entry?.clusterIp).toBe('');
    expect(entry?.ports).toMatchObject([{ port: 0, endpoints: [{ ip: '10.244.1.5', port: 0, hostname: 'db-0' }] }]);
  });

  test('an external name has nothing but its name', () => {
    const [entry] = table({ services: [service('x', { type: 'ExternalName', externalName: 'a.example' })] }).services;
    expect(entry).toMatchObject({ externalName: 'a.example', clusterIp: '', ports: [] });
  });

  test('affinity lasts three hours unless said otherwise', () => {
    const spec = { clusterIP: '10.96.0.10', sessionAffinity: 'ClientIP' };
    const services = [
      service('a', spec),
      service('b', { ...spec, sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } }),
    ];
    expect(table({ services }).services.map(({ affinitySeconds }) => affinitySeconds)).toEqual([10_800, 60]);
  });

  test('an endpoint that stands in two slices during an update appears once; IPv6 slices are left out', () => {
    const slices = [
      slice('web-1', 'web', { endpoints: [{ addresses: ['10.244.1.5'] }], ports: [{ port: 80 }] }),
      slice('web-2', 'web', { endpoints: [{ addresses: ['10.244.1.5'] }], ports: [{ port: 80 }] }),
      slice('web-3', 'web', { addressType: 'IPv6', endpoints: [{ addresses: ['fd00::5'] }], ports: [{ port: 80 }] }),
    ];
    const { services } = table({ services: [service('web', { ports: [{ port: 80 }] })], slices });
    expect(services[0]?.ports[0]?.endpoints.map(({ ip }) => ip)).toEqual(['10.244.1.5']);
  });
});

test('routes lead to every node that has an address and a pod network', () => {
  const nodes = [
    node('n2', '10.1.0.2', '10.244.2.0/24'),
    node('n1', '10.1.0.1', '10.244.1.0/24'),
    node('n3', '10.1.0.3', ''),
  ];
  expect(table({ nodes }).routes).toEqual([
    { nodeName: 'n1', nodeIp: '10.1.0.1', podCidr: '10.244.1.0/24' },
    { nodeName: 'n2', nodeIp: '10.1.0.2', podCidr: '10.244.2.0/24' },
  ]);
});

test('the order in which the state is listed does not matter', () => {
  const services = ['b', 'a'].map((name) => service(name, { clusterIP: '10.96.0.10', ports: [{ port: 80 }] }));
  const slices = ['2', '1'].map((digit) =>
    slice(`a-${digit}`, 'a', { endpoints: [{ addresses: [`10.244.1.${digit}`] }], ports: [{ port: 80 }] }),
  );
  const nodes = [node('n2', '10.1.0.2', '10.244.2.0/24'), node('n1', '10.1.0.1', '10.244.1.0/24')];
  const one = networkTable({ services, slices, nodes });
  const other = networkTable({
    services: services.toReversed(),
    slices: slices.toReversed(),
    nodes: nodes.toReversed(),
  });
  expect(one).toEqual(other);
});

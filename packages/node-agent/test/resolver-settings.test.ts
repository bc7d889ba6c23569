import type { PodSpec } from '@berth/api';
import { expect, test } from 'vitest';
import { formatResolverSettings, parseResolverSettings, podResolverSettings } from '../src/dns/resolver-settings.ts';
import { hostsFile, machineHostsFile, podHostname } from '../src/volume/identity-files.ts';
import { aPod } from './support/fake-node.ts';

const machine = { nameservers: ['192.0.2.53'], searches: ['corp.example'], options: ['edns0'] };
const cluster = { address: '10.244.1.1', clusterDomain: 'cluster.local' };
const clusterSearches = ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'corp.example'];

test.each<{ what: string; spec: Partial<PodSpec>; nameservers: string[]; searches: string[]; options: string[] }>([
  { what: 'by default', spec: {}, nameservers: ['10.244.1.1'], searches: clusterSearches, options: ['ndots:5'] },
  { what: 'with Default', spec: { dnsPolicy: 'Default' }, ...machine },
  { what: 'with the machine’s network', spec: { hostNetwork: true }, ...machine },
  {
    what: 'with the machine’s network and the cluster’s names',
    spec: { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' },
    nameservers: ['10.244.1.1'],
    searches: clusterSearches,
    options: ['ndots:5'],
  },
  {
    what: 'with None',
    spec: {
      dnsPolicy: 'None',
      dnsConfig: {
        nameservers: ['1.1.1.1'],
        searches: ['x.y'],
        options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
      },
    },
    nameservers: ['1.1.1.1'],
    searches: ['x.y'],
    options: ['ndots:2', 'edns0'],
  },
  {
    what: 'with additions',
    spec: {
      dnsConfig: {
        nameservers: ['1.1.1.1', '2.2.2.2', '3.3.3.3'],
        searches: ['x.y'],
        options: [{ name: 'ndots', value: '2' }],
      },
    },
    nameservers: ['10.244.1.1', '1.1.1.1', '2.2.2.2'],
    searches: [...clusterSearches, 'x.y'],
    options: ['ndots:2'],
  },
])('$what', ({ spec, nameservers, searches, options }) => {
  expect(podResolverSettings(aPod(spec), cluster, machine)).toEqual({ nameservers, searches, options });
});

test('resolv.conf reads and prints the same; comments and unknown lines are passed over', () => {
  const text =
    '# made by hand\nsearch a b\nnameserver 1.1.1.1 ; first\nnameserver 2.2.2.2\nsortlist x\noptions ndots:2 rotate\n';
  const settings = { nameservers: ['1.1.1.1', '2.2.2.2'], searches: ['a', 'b'], options: ['ndots:2', 'rotate'] };
  expect(parseResolverSettings(text)).toEqual(settings);
  expect(parseResolverSettings(formatResolverSettings(settings))).toEqual(settings);
});

test('a pod finds itself under its short and its full name, and its aliases', () => {
  const pod = aPod({ hostname: 'db-0', subdomain: 'db', hostAliases: [{ ip: '192.0.2.7', hostnames: ['a', 'b'] }] });
  expect(hostsFile(pod, '10.244.1.5', 'cluster.local').split('\n').slice(-5)).toEqual([
    '10.244.1.5\tdb-0.db.default.svc.cluster.local\tdb-0',
    '',
    '# Entries added by HostAliases.',
    '192.0.2.7\ta\tb',
    '',
  ]);
  expect(machineHostsFile(pod, '127.0.0.1 localhost\n')).toContain(
    '127.0.0.1 localhost\n\n# Entries added by HostAliases.\n192.0.2.7',
  );
});

test.each<[Partial<PodSpec>, string, string]>([
  [{}, 'web-1', 'web-1'],
  [{ hostname: 'own' }, 'web-1', 'own'],
  [{ hostname: 'own', subdomain: 'sub', setHostnameAsFQDN: true }, 'web-1', 'own.sub.default.svc.cluster.local'],
  [{}, `${'x'.repeat(62)}-yz`, 'x'.repeat(62)],
])('%j of pod %s has hostname %s', (spec, name, hostname) => {
  expect(podHostname(aPod(spec, { name }), 'cluster.local')).toBe(hostname);
});

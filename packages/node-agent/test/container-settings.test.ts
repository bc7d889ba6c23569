import type { Container, PodSpec, ResourceRequirements } from '@berth/api';
import { expect, test } from 'vitest';
import { ConfigStore } from '../src/container/config-store.ts';
import { resourceSettings } from '../src/container/resource-settings.ts';
import { securitySettings } from '../src/container/security-settings.ts';
import { registryCredentials, registryOf } from '../src/image/registry-credentials.ts';
import { nodeAllocatable, nodeCapacity } from '../src/node/node-resources.ts';
import { aPod } from './support/fake-node.ts';

const gib = 2 ** 30;

function settings(resources: ResourceRequirements) {
  const containers = [{ name: 'web', resources }];
  return resourceSettings(aPod({ containers }), { name: 'web', resources }, 16 * gib);
}

test.each<{ what: string; resources: ResourceRequirements; wanted: object }>([
  { what: 'nothing', resources: {}, wanted: { cpuShares: 2, cpuQuotaMicros: 0, memoryBytes: 0, oomScoreAdjust: 1000 } },
  {
    what: 'requests',
    resources: { requests: { cpu: '500m', memory: '4Gi' } },
    wanted: { cpuShares: 512, cpuQuotaMicros: 0, memoryBytes: 0, oomScoreAdjust: 750 },
  },
  {
    what: 'limits',
    resources: { limits: { cpu: '2', memory: '1Gi' } },
    wanted: { cpuShares: 2048, cpuQuotaMicros: 200_000, memoryBytes: gib, oomScoreAdjust: 0 },
  },
  { what: 'a crumb of CPU', resources: { limits: { cpu: '1m' } }, wanted: { cpuShares: 2, cpuQuotaMicros: 1000 } },
])('$what become what the kernel understands', ({ resources, wanted }) => {
  expect(settings(resources)).toMatchObject(wanted);
});

function security(container: Partial<Container>, spec: Partial<PodSpec> = {}, imageUser = '') {
  return securitySettings(aPod(spec), { name: 'web', ...container }, imageUser);
}

test('the container’s own context wins over the pod’s', () => {
  const podContext = { runAsUser: 1, runAsGroup: 2, fsGroup: 3, supplementalGroups: [3, 4] };
  expect(security({ securityContext: { runAsUser: 10 } }, { securityContext: podContext })).toMatchObject({
    user: '10:2',
    supplementalGroups: [3, 4],
  });
});

test.each([
  { what: 'an image that runs as root', container: {}, imageUser: '', message: 'image will run as root' },
  { what: 'an image with a named user', container: {}, imageUser: 'app', message: 'image has non-numeric user (app)' },
  { what: 'root by its own wish', container: { runAsUser: 0 }, imageUser: '5', message: 'breaks non-root policy' },
])('runAsNonRoot refuses $what', ({ container, imageUser, message }) => {
  expect(() => security({ securityContext: { runAsNonRoot: true, ...container } }, {}, imageUser)).toThrow(message);
});

test('runAsNonRoot accepts a user with a number, from the image or the pod', () => {
  expect(security({ securityContext: { runAsNonRoot: true } }, {}, '5:5').user).toBe('');
  expect(security({ securityContext: { runAsNonRoot: true, runAsUser: 7 } }).user).toBe('7');
});

test.each([
  ['web', 'default.example'],
  ['library/web:1', 'default.example'],
  ['registry.example.com/web', 'registry.example.com'],
  ['localhost/web', 'localhost'],
  ['host:5000/team/web@sha256:1', 'host:5000'],
])('image %s belongs to registry %s', (image, registry) => {
  expect(registryOf(image, 'default.example')).toBe(registry);
});

test('credentials come from the pull secrets of the pod, then of its service account', () => {
  const config = new ConfigStore();
  const secret = (name: string, auths: object) =>
    config.put('Secret', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace: 'default' },
      data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
    });
  secret('mine', { 'https://registry.example.com/v1/': { auth: Buffer.from('me:pass:word').toString('base64') } });
  secret('ours', { 'other.example.com': { username: 'us', password: 'secret' } });
  config.put('ServiceAccount', {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: 'default' },
    imagePullSecrets: [{ name: 'ours' }],
  });
  const pod = aPod({ imagePullSecrets: [{ name: 'mine' }] });
  expect(registryCredentials(pod, 'registry.example.com/web', 'other.example.com', config)).toEqual({
    server: 'registry.example.com',
    username: 'me',
    password: 'pass:word',
  });
  expect(registryCredentials(pod, 'web:1', 'other.example.com', config)?.username).toBe('us');
  expect(registryCredentials(pod, 'third.example.com/web', 'other.example.com', config)).toBeUndefined();
});

test('what is kept back is not offered to pods', () => {
  const capacity = nodeCapacity({ cpus: 2, memoryBytes: 8 * gib, diskBytes: 100 * gib }, 110);
  expect(nodeAllocatable(capacity, { cpu: '500m', memory: '1Gi' })).toEqual({
    cpu: '1500m',
    memory: `${7 * 1024 * 1024}Ki`,
    'ephemeral-storage': `${100 * 1024 * 1024}Ki`,
    pods: '110',
  });
  expect(() => nodeAllocatable(capacity, { cpu: '3' })).toThrow('--reserve cpu=3 is more than the machine has (2)');
});

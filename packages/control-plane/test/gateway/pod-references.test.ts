import type { Pod } from '@berth/api';
import { expect, test } from 'vitest';
import { configKey, podReferences } from '../../src/gateway/pod-references.ts';

test('a pod refers to everything that its containers and volumes name, each once', () => {
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'ns' },
    spec: {
      serviceAccountName: 'robot',
      imagePullSecrets: [{ name: 'pull' }],
      initContainers: [{ name: 'i', envFrom: [{ secretRef: { name: 'init' } }] }],
      containers: [
        {
          name: 'c',
          envFrom: [{ configMapRef: { name: 'settings' } }],
          env: [
            { name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } },
            { name: 'B', valueFrom: { secretKeyRef: { name: 'password', key: 'b' } } },
            { name: 'C', value: 'plain' },
          ],
        },
      ],
      volumes: [
        { name: 'v1', configMap: { name: 'files' } },
        { name: 'v2', secret: { secretName: 'tls' } },
        { name: 'v3', emptyDir: {} },
        {
          name: 'v4',
          projected: {
            sources: [
              { configMap: { name: 'projected' } },
              { secret: { name: 'projected' } },
              { serviceAccountToken: { path: 'token' } },
            ],
          },
        },
      ],
    },
  };
  expect(podReferences(pod).map(configKey)).toEqual([
    'ServiceAccount/ns/robot',
    'Secret/ns/pull',
    'Secret/ns/init',
    'ConfigMap/ns/settings',
    'Secret/ns/password',
    'ConfigMap/ns/files',
    'Secret/ns/tls',
    'ConfigMap/ns/projected',
    'Secret/ns/projected',
    'ConfigMap/ns/kube-root-ca.crt',
  ]);
});

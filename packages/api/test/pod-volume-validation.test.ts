import { expect, test } from 'vitest';
import { container, faultsOf } from './sample-specs.ts';

const withVolume = (source: object, mount: object = {}) =>
  faultsOf({
    volumes: [{ name: 'v', ...source }],
    containers: [{ ...container, volumeMounts: [{ name: 'v', mountPath: '/v', ...mount }] }],
  });

test.each<[object, string]>([
  [
    { emptyDir: {}, hostPath: { path: '/x' } },
    'volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
  ],
  [{ nfs: { server: 's', path: '/' } }, 'volumes[0].nfs: Forbidden: network volumes are not served by Berth yet'],
  [
    { persistentVolumeClaim: { claimName: 'c' } },
    'volumes[0].persistentVolumeClaim: Forbidden: persistent volume claims are not served by Berth yet',
  ],
  [{ csi: { driver: 'd' } }, 'volumes[0].csi: Forbidden: CSI volumes are not served by Berth yet'],
  [{ hostPath: { path: '/a/../b' } }, 'volumes[0].hostPath.path: Invalid value: "/a/../b": must not contain \'..\''],
  [{ hostPath: { path: '/a', type: 'Pipe' } }, 'volumes[0].hostPath.type: Unsupported value: "Pipe"'],
  [
    { emptyDir: { medium: 'HugePages' } },
    'volumes[0].emptyDir.medium: Unsupported value: "HugePages": supported values: "Memory"',
  ],
  [
    { emptyDir: { sizeLimit: '1Gi' } },
    'volumes[0].emptyDir.sizeLimit: Forbidden: size limits of directories on disk are not served by Berth yet',
  ],
  [{ configMap: {} }, 'volumes[0].configMap.name: Required value'],
  [{ secret: {} }, 'volumes[0].secret.secretName: Required value'],
  [
    { secret: { secretName: 's', items: [{ key: 'k', path: '../x' }] } },
    'volumes[0].secret.items[0].path: Invalid value: "../x": must not contain \'..\'',
  ],
  [
    { configMap: { name: 'c', items: [{ key: 'k', path: '/x' }] } },
    'volumes[0].configMap.items[0].path: Invalid value: "/x": must be a relative path',
  ],
  [{ configMap: { name: 'c', items: [{ path: 'x' }] } }, 'volumes[0].configMap.items[0].key: Required value'],
  [
    { configMap: { name: 'c', defaultMode: 0o1000 } },
    'volumes[0].configMap.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive',
  ],
  [{ downwardAPI: { items: [{ path: 'x' }] } }, 'volumes[0].downwardAPI.items[0].fieldRef: Required value'],
  [
    { downwardAPI: { items: [{ path: 'x', resourceFieldRef: { resource: 'limits.cpu' } }] } },
    'volumes[0].downwardAPI.items[0].resourceFieldRef.containerName: Required value',
  ],
  [{ projected: { sources: [{}] } }, 'volumes[0].projected.sources[0]: Required value: must specify one source'],
  [
    { projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 1 } }] } },
    'volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 1: must be between 600 and 4294967296, inclusive',
  ],
])('a volume with %j: %s', (source, fault) => {
  const faults = withVolume(source);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(`spec.${fault}`);
});

test.each<[object, string]>([
  [{ mountPath: '/a:b' }, 'mountPath: Invalid value: "/a:b": must not contain \':\''],
  [{ mountPath: '' }, 'mountPath: Required value'],
  [{ subPath: '/x' }, 'subPath: Invalid value: "/x": must be a relative path'],
  [{ subPath: 'a/../..' }, 'subPath: Invalid value: "a/../..": must not contain \'..\''],
  [
    { subPath: 'a', subPathExpr: '$(A)' },
    'subPathExpr: Invalid value: "$(A)": subPathExpr and subPath are mutually exclusive',
  ],
  [
    { mountPropagation: 'Bidirectional' },
    'mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers',
  ],
  [{ recursiveReadOnly: 'Enabled' }, 'recursiveReadOnly: Forbidden: the mode Enabled is not served by Berth yet'],
])('a mount with %j: %s', (mount, fault) => {
  const faults = withVolume({ emptyDir: {} }, mount);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(`spec.containers[0].volumeMounts[0].${fault}`);
});

test('two mounts may not have one path', () => {
  const volumeMounts = [
    { name: 'v', mountPath: '/v' },
    { name: 'v', mountPath: '/v', subPath: 'x' },
  ];
  const spec = { volumes: [{ name: 'v' }], containers: [{ ...container, volumeMounts }] };
  expect(faultsOf(spec)).toEqual(['spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/v": must be unique']);
});

test('two volumes may not have one name', () => {
  expect(faultsOf({ volumes: [{ name: 'v' }, { name: 'v' }] })).toEqual(['spec.volumes[1].name: Duplicate value: "v"']);
});

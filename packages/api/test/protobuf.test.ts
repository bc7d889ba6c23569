import { readFileSync } from 'node:fs';
import { decodeObject, decodeProtobufBody, type Kind, kindOfName, lease, pod } from '@berth/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';

/** Bodies as kubectl 1.33 sent them to a server that wrote them down, in base64. */
const captured = JSON.parse(
  readFileSync(new URL('fixtures/kubectl-1.33-protobuf.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, string>>;

function decodeCaptured(name: string, kind: Kind): unknown {
  const body = decodeProtobufBody(kind.message, Buffer.from(captured[name] ?? '', 'base64'));
  const { object, problems } = decodeObject(kind, body);
  expect(problems).toEqual([]);
  return object;
}

const webPorts = [
  { name: '80-8080', protocol: 'TCP', port: 80, targetPort: 8080 },
  { name: '443-https', protocol: 'TCP', port: 443, targetPort: 'https' },
];

test.each<[string, string, string, object]>([
  [
    'create deployment web --image=nginx:1.27 --replicas=3 --port=80',
    'deployment',
    'deployment',
    {
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: { name: 'web', labels: { app: 'web' } },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: 'web' } },
        strategy: {},
        template: {
          metadata: { labels: { app: 'web' } },
          spec: {
            containers: [{ name: 'nginx', image: 'nginx:1.27', ports: [{ containerPort: 80 }], resources: {} }],
          },
        },
      },
      status: {},
    },
  ],
  [
    'create configmap conf --from-literal=a=1 --from-literal=b=two',
    'config-map',
    'configmap',
    { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'conf' }, data: { a: '1', b: 'two' } },
  ],
  [
    'create secret generic s --from-literal=password=hunter',
    'secret',
    'secret',
    { kind: 'Secret', apiVersion: 'v1', metadata: { name: 's' }, data: { password: 'aHVudGVy' } },
  ],
  [
    'create namespace team',
    'namespace',
    'namespace',
    { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'team' }, spec: {}, status: {} },
  ],
  [
    'create serviceaccount bot',
    'service-account',
    'serviceaccount',
    { kind: 'ServiceAccount', apiVersion: 'v1', metadata: { name: 'bot' } },
  ],
  [
    'create service clusterip web --tcp=80:8080 --tcp=443:https',
    'service-cluster-ip',
    'service',
    {
      kind: 'Service',
      apiVersion: 'v1',
      metadata: { name: 'web', labels: { app: 'web' } },
      spec: { ports: webPorts, selector: { app: 'web' }, type: 'ClusterIP' },
      status: { loadBalancer: {} },
    },
  ],
  [
    'create service nodeport np --tcp=80:80 --node-port=30080',
    'service-node-port',
    'service',
    {
      kind: 'Service',
      apiVersion: 'v1',
      metadata: { name: 'np', labels: { app: 'np' } },
      spec: {
        ports: [{ name: '80-80', protocol: 'TCP', port: 80, targetPort: 80, nodePort: 30080 }],
        selector: { app: 'np' },
        type: 'NodePort',
      },
      status: { loadBalancer: {} },
    },
  ],
  [
    'create service externalname ext --external-name=example.com',
    'service-external-name',
    'service',
    {
      kind: 'Service',
      apiVersion: 'v1',
      metadata: { name: 'ext', labels: { app: 'ext' } },
      spec: { selector: { app: 'ext' }, type: 'ExternalName', externalName: 'example.com' },
      status: { loadBalancer: {} },
    },
  ],
  [
    'debug node/n1 --image=busybox: a volume source nested in protobuf, not in JSON',
    'pod-debugger',
    'pod',
    {
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: { name: 'node-debugger-n1-c7n6n' },
      spec: {
        volumes: [{ name: 'host-root', hostPath: { path: '/' } }],
        containers: [
          {
            name: 'debugger',
            image: 'busybox',
            command: ['sh', '-c', 'echo hi'],
            resources: {},
            securityContext: { privileged: true },
            terminationMessagePolicy: 'File',
            volumeMounts: [{ name: 'host-root', mountPath: '/host' }],
          },
        ],
        hostIPC: true,
        hostNetwork: true,
        hostPID: true,
        nodeName: 'n1',
        restartPolicy: 'Never',
        tolerations: [{ operator: 'Exists' }],
      },
      status: {},
    },
  ],
])('kubectl %s', (_command, fixture, name, object) => {
  const kind = kindOfName(name);
  expect(kind).toBeDefined();
  expect(decodeCaptured(fixture, kind as Kind)).toEqual(object);
});

test('the keys of a registry secret survive', () => {
  const secret = decodeCaptured('secret-docker-registry', kindOfName('secret') as Kind) as {
    data: object;
    type: string;
  };
  expect(secret.type).toBe('kubernetes.io/dockerconfigjson');
  expect(Object.keys(secret.data)).toEqual(['.dockerconfigjson']);
});

// The encoding by hand, so that the reader is not checked against itself.
const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 128))];
const field = (number: number, bytes: readonly number[]): number[] => [
  ...varint(number * 8 + 2),
  ...varint(bytes.length),
  ...bytes,
];
const integer = (number: number, value: number): number[] => [...varint(number * 8), ...varint(value)];
const chars = (text: string): number[] => [...new TextEncoder().encode(text)];
const body = (apiVersion: string, kind: string, raw: readonly number[]): Uint8Array => {
  const type = [...field(1, chars(apiVersion)), ...field(2, chars(kind))];
  return Uint8Array.from([0x6b, 0x38, 0x73, 0, ...field(1, type), ...field(2, raw)]);
};

test('a probe handler lies in a message of its own; quantities and ports have their own messages', () => {
  const port = [...integer(1, 1), ...field(3, chars('http'))];
  const httpGet = [...field(1, chars('/healthz')), ...field(2, port)];
  const probe = [...field(1, field(2, httpGet)), ...integer(4, 5)];
  const cpu = [...field(1, chars('cpu')), ...field(2, field(1, chars('1000m')))];
  const container = [...field(1, chars('web')), ...field(8, field(1, cpu)), ...field(11, probe)];
  const raw = [...field(1, field(1, chars('web'))), ...field(2, field(2, container))];
  const { object } = decodeObject(pod, decodeProtobufBody(pod.message, body('v1', 'Pod', raw)));
  expect(object.spec).toEqual({
    containers: [
      {
        name: 'web',
        resources: { limits: { cpu: '1' } },
        readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 5 },
      },
    ],
  });
});

test('times become RFC 3339, in microseconds where the field keeps them', () => {
  const renewTime = [...integer(1, 1_700_000_000), ...integer(2, 123_456_000)];
  const created = integer(1, 1_700_000_000);
  const raw = [...field(1, [...field(1, chars('l')), ...field(8, created)]), ...field(2, field(4, renewTime))];
  const { object } = decodeObject(
    lease,
    decodeProtobufBody(lease.message, body('coordination.k8s.io/v1', 'Lease', raw)),
  );
  expect(object.metadata.creationTimestamp).toBe('2023-11-14T22:13:20Z');
  expect(object.spec.renewTime).toBe('2023-11-14T22:13:20.123456Z');
});

test('negative numbers are two-complement', () => {
  const minusOne = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
  const raw = field(2, [...varint(4 * 8), ...minusOne]);
  expect(decodeProtobufBody(pod.message, body('v1', 'Pod', raw))['spec']).toEqual({
    terminationGracePeriodSeconds: -1,
  });
});

test('unknown fields are passed over', () => {
  const raw = [...field(1, field(1, chars('web'))), ...integer(900, 7), ...field(901, chars('later'))];
  expect(decodeProtobufBody(pod.message, body('v1', 'Pod', raw))).toEqual({
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name: 'web' },
  });
});

test('a body without the magic bytes is refused with what was wanted', () => {
  expect(() => decodeProtobufBody(pod.message, chars('{"kind":"Pod"}') as unknown as Uint8Array)).toThrow(
    'must begin with the bytes',
  );
});

test('a body that is cut anywhere is refused or shorter, and never hurts', () => {
  const whole = Buffer.from(captured['deployment'] ?? '', 'base64');
  const kind = kindOfName('deployment') as Kind;
  for (let length = 0; length < whole.length; length += 1) {
    try {
      decodeProtobufBody(kind.message, whole.subarray(0, length));
    } catch (error) {
      expect(error).toMatchObject({ reason: 'BadRequest' });
    }
  }
});

test('random bytes are refused or read, and never hurt', () => {
  const kind = kindOfName('pod') as Kind;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        const value = decodeProtobufBody(kind.message, body('v1', 'Pod', [...bytes]));
        decodeObject(kind, value);
      } catch (error) {
        expect(error).toMatchObject({ reason: 'BadRequest' });
      }
    }),
  );
});

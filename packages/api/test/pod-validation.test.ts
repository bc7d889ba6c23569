import { expect, test } from 'vitest';
import { container, faultsOf } from './sample-specs.ts';

const inContainer = (fields: object) => faultsOf({ containers: [{ ...container, ...fields }] });

test('a plain pod is good', () => {
  expect(faultsOf({})).toEqual([]);
});

test('a pod that uses most of what is served is good', () => {
  const mounts = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, mountPath: `/${name}` }));
  const spec = {
    initContainers: [
      { name: 'init', image: 'i', command: ['true'] },
      { name: 'proxy', image: 'i', restartPolicy: 'Always', startupProbe: { tcpSocket: { port: 1 } } },
    ],
    containers: [
      {
        ...container,
        ports: [
          { containerPort: 80, name: 'http', hostPort: 8080 },
          { containerPort: 53, protocol: 'UDP' },
        ],
        env: [
          { name: 'A', value: 'x' },
          { name: 'B', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
        ],
        envFrom: [{ prefix: 'P_', configMapRef: { name: 'c' } }],
        resources: { requests: { cpu: '1', 'example.com/gpu': '1' }, limits: { cpu: '2', 'example.com/gpu': '1' } },
        livenessProbe: { exec: { command: ['true'] }, terminationGracePeriodSeconds: 5 },
        readinessProbe: { httpGet: { port: 'http', httpHeaders: [{ name: 'X-A', value: '' }] }, successThreshold: 2 },
        lifecycle: { preStop: { exec: { command: ['sleep', '1'] } } },
        volumeMounts: mounts,
        securityContext: { runAsUser: 0, privileged: true },
      },
    ],
    volumes: [
      { name: 'a', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } },
      { name: 'b', hostPath: { path: '/srv', type: 'Directory' } },
      { name: 'c', configMap: { name: 'c', items: [{ key: 'k', path: 'dir/file', mode: 0o400 }] } },
      { name: 'd', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
      { name: 'e', projected: { sources: [{ secret: { name: 's' } }, { serviceAccountToken: { path: 'token' } }] } },
    ],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            {
              matchExpressions: [
                { key: 'zone', operator: 'In', values: ['a'] },
                { key: 'n', operator: 'Gt', values: ['1'] },
              ],
            },
          ],
        },
      },
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 1, podAffinityTerm: { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'web' } } } },
        ],
      },
    },
    tolerations: [
      { operator: 'Exists' },
      { key: 'k', operator: 'Equal', value: 'v', effect: 'NoExecute', tolerationSeconds: 5 },
    ],
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', minDomains: 2 }],
    dnsPolicy: 'None',
    dnsConfig: { nameservers: ['10.0.0.10'], searches: ['example.com', '.'], options: [{ name: 'ndots', value: '2' }] },
    securityContext: {
      fsGroup: 1,
      sysctls: [{ name: 'net.core.somaxconn', value: '1024' }],
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
  expect(faultsOf(spec)).toEqual([]);
});

const name1123 =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

test.each<[object, string]>([
  [{ containers: [] }, 'spec.containers: Required value'],
  [{ containers: [{ image: 'i' }] }, 'spec.containers[0].name: Required value'],
  [{ containers: [{ name: 'a' }] }, 'spec.containers[0].image: Required value'],
  [
    { containers: [{ name: 'a', image: ' i' }] },
    'spec.containers[0].image: Invalid value: " i": must not have leading or trailing whitespace',
  ],
  [{ containers: [{ name: 'Web', image: 'i' }] }, `spec.containers[0].name: Invalid value: "Web": ${name1123}`],
  [{ containers: [container, container] }, 'spec.containers[1].name: Duplicate value: "web"'],
  [{ initContainers: [container] }, 'spec.containers[0].name: Duplicate value: "web"'],
  [
    { initContainers: [{ name: 'i', image: 'i', readinessProbe: { tcpSocket: { port: 1 } } }] },
    'spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
  ],
  [
    { restartPolicy: 'Sometimes' },
    'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
  ],
  [
    { terminationGracePeriodSeconds: -1 },
    'spec.terminationGracePeriodSeconds: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    { activeDeadlineSeconds: 0 },
    'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
  ],
  [
    { dnsPolicy: 'None' },
    'spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None',
  ],
  [
    { dnsConfig: { nameservers: ['x'] } },
    'spec.dnsConfig.nameservers[0]: Invalid value: "x": must be valid IP address',
  ],
  [{ nodeSelector: { 'a b': 'c' } }, 'spec.nodeSelector: Invalid value: "a b": name part must consist of'],
  [
    { hostPID: true, shareProcessNamespace: true },
    'spec.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled',
  ],
  [
    { hostAliases: [{ ip: 'x' }] },
    'spec.hostAliases[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ],
  [{ imagePullSecrets: [{}] }, 'spec.imagePullSecrets[0].name: Required value'],
  [
    { nodeName: 'n1', schedulingGates: [{ name: 'g' }] },
    'spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared',
  ],
  [{ schedulingGates: [{ name: 'g' }, { name: 'g' }] }, 'spec.schedulingGates[1].name: Duplicate value: "g"'],
  [
    { ephemeralContainers: [{ name: 'd', image: 'i' }] },
    'spec.ephemeralContainers: Forbidden: cannot be set on create',
  ],
  [{ os: { name: 'windows' } }, 'spec.os.name: Forbidden: Windows nodes are not served by Berth yet'],
  [
    { securityContext: { runAsUser: -1 } },
    'spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ],
  [
    { securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'x' } } },
    'spec.securityContext.seccompProfile.type: Forbidden: seccomp profiles of files are not served by Berth yet',
  ],
  [
    { securityContext: { sysctls: [{ name: 'vm.swappiness', value: '1' }] } },
    'spec.securityContext.sysctls[0].name: Forbidden: only kernel parameters that a pod has for itself',
  ],
  [{ runtimeClassName: 'kata' }, 'spec.runtimeClassName: Forbidden: runtime classes are not served by Berth yet'],
  [
    { tolerations: [{ operator: 'Equal' }] },
    'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
  ],
  [
    { tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] },
    'spec.tolerations[0].operator: Invalid value: "b": value must be empty when `operator` is \'Exists\'',
  ],
  [
    { tolerations: [{ key: 'a', tolerationSeconds: 1 }] },
    'spec.tolerations[0].effect: Invalid value: "": effect must be \'NoExecute\' when `tolerationSeconds` is set',
  ],
  [
    { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule' }] },
    'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
  ],
  [
    {
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'ScheduleAnyway', minDomains: 1 }],
    },
    'spec.topologySpreadConstraints[0].minDomains: Invalid value: 1: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway',
  ],
  [
    { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } },
    'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value',
  ],
  [
    { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: {} }] } } },
    'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value',
  ],
  [
    {
      affinity: {
        nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 101, preference: {} }] },
      },
    },
    'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: must be in the range 1-100',
  ],
])('a pod with %j: %s', (spec, fault) => {
  const faults = faultsOf(spec);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(fault);
});

test.each<[object, string]>([
  [{ ports: [{}] }, 'ports[0].containerPort: Required value'],
  [
    { ports: [{ containerPort: 70_000 }] },
    'ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
  ],
  [
    { ports: [{ containerPort: 1, name: '80' }] },
    'ports[0].name: Invalid value: "80": must contain at least one letter (a-z)',
  ],
  [
    {
      ports: [
        { containerPort: 1, name: 'a' },
        { containerPort: 2, name: 'a' },
      ],
    },
    'ports[1].name: Duplicate value: "a"',
  ],
  [
    { ports: [{ containerPort: 1, protocol: 'ICMP' }] },
    'ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
  ],
  [
    {
      ports: [
        { containerPort: 1, hostPort: 9 },
        { containerPort: 2, hostPort: 9 },
      ],
    },
    'ports[1].hostPort: Duplicate value: "TCP//9"',
  ],
  [
    { imagePullPolicy: 'Perhaps' },
    'imagePullPolicy: Unsupported value: "Perhaps": supported values: "Always", "IfNotPresent", "Never"',
  ],
  [{ env: [{ value: 'x' }] }, 'env[0].name: Required value'],
  [
    { env: [{ name: 'a=b' }] },
    'env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
  ],
  [
    { env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
    'env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
  ],
  [
    { env: [{ name: 'A', valueFrom: {} }] },
    'env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
  ],
  [
    { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.containers' } } }] },
    'env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "spec.containers": supported values: "metadata.name"',
  ],
  [
    { env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1Mi' } } }] },
    'env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "1Mi": only divisor\'s values 1m and 1 are supported with the cpu resource',
  ],
  [
    { env: [{ name: 'A', valueFrom: { configMapKeyRef: { key: 'k' } } }] },
    'env[0].valueFrom.configMapKeyRef.name: Required value',
  ],
  [{ envFrom: [{}] }, 'envFrom[0]: Invalid value: "": must specify one of: `configMapRef` or `secretRef`'],
  [
    { resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } },
    'resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
  ],
  [
    { resources: { requests: { cpu: '-1' } } },
    'resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0',
  ],
  [
    { resources: { requests: { gold: '1' } } },
    'resources.requests[gold]: Invalid value: "gold": must be a standard resource for containers',
  ],
  [
    { resources: { limits: { 'a.b/gpu': '500m' } } },
    'resources.limits[a.b/gpu]: Invalid value: "500m": must be an integer',
  ],
  [{ livenessProbe: {} }, 'livenessProbe: Required value: must specify a handler type'],
  [
    { livenessProbe: { exec: { command: ['a'] }, tcpSocket: { port: 1 } } },
    'livenessProbe: Forbidden: may not specify more than 1 handler type',
  ],
  [
    { livenessProbe: { tcpSocket: { port: 0 } } },
    'livenessProbe.tcpSocket.port: Invalid value: 0: must be between 1 and 65535, inclusive',
  ],
  [{ livenessProbe: { httpGet: {} } }, 'livenessProbe.httpGet.port: Required value'],
  [
    { livenessProbe: { tcpSocket: { port: 1 }, successThreshold: 2 } },
    'livenessProbe.successThreshold: Invalid value: 2: must be 1',
  ],
  [
    { readinessProbe: { tcpSocket: { port: 1 }, terminationGracePeriodSeconds: 5 } },
    'readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes',
  ],
  [
    { readinessProbe: { tcpSocket: { port: 1 }, periodSeconds: -1 } },
    'readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    { lifecycle: { preStop: { sleep: { seconds: 31 } } } },
    'lifecycle.preStop.sleep.seconds: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)',
  ],
  [
    { resources: { limits: { 'ephemeral-storage': '1Gi' }, requests: { 'ephemeral-storage': '1Gi' } } },
    'resources.limits[ephemeral-storage]: Forbidden: limits of storage on disk are not served by Berth yet',
  ],
  [
    { startupProbe: { grpc: { port: 0 } } },
    'startupProbe.grpc.port: Invalid value: 0: must be between 1 and 65535, inclusive',
  ],
  [{ lifecycle: { preStop: {} } }, 'lifecycle.preStop: Required value: must specify a handler type'],
  [
    { lifecycle: { stopSignal: 'SIGNO' } },
    'lifecycle.stopSignal: Invalid value: "SIGNO": must be the name of a Linux signal',
  ],
  [{ volumeMounts: [{ name: 'x', mountPath: '/x' }] }, 'volumeMounts[0].name: Not found: "x"'],
  [{ restartPolicy: 'Always' }, 'restartPolicy: Forbidden: may not be set for non-init containers'],
  [
    { volumeDevices: [{ name: 'x', devicePath: '/dev/x' }] },
    'volumeDevices: Forbidden: block devices are not served by Berth yet',
  ],
  [
    { securityContext: { privileged: true, allowPrivilegeEscalation: false } },
    'securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
  ],
])('a container with %j: %s', (fields, fault) => {
  const faults = inContainer(fields);
  // A limit that is wrong is requested too, and wrong there as well.
  expect(faults.filter((text) => !text.includes('.requests['))).toHaveLength(faults[0]?.includes('.requests[') ? 0 : 1);
  expect(faults[0]).toContain(`spec.containers[0].${fault}`);
});

test('on the network of the node a host port is the container port', () => {
  const faults = faultsOf({
    hostNetwork: true,
    containers: [{ ...container, ports: [{ containerPort: 80, hostPort: 81 }] }],
  });
  expect(faults).toEqual([
    'spec.containers[0].ports[0].containerPort: Invalid value: 80: must match `hostPort` when `hostNetwork` is true',
  ]);
});

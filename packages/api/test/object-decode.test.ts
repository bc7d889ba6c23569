import {
  ApiError,
  configMap,
  decodeObject,
  deployment,
  duplicateFields,
  type Kind,
  pod,
  secret,
  service,
  strictDecodingError,
} from '@berth/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const podWith = (spec: object, metadata: object = {}) => ({ kind: 'Pod', apiVersion: 'v1', metadata, spec });
const containerWith = (fields: object) => podWith({ containers: [{ name: 'web', ...fields }] });

test('known fields come through, kind and apiVersion are filled in', () => {
  const { object, problems } = decodeObject(pod, {
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'web', image: 'i' }] },
  });
  expect(object).toEqual({
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'web', image: 'i' }] },
  });
  expect(problems).toEqual([]);
});

test('unknown fields are dropped and told with their paths, in the order of the body', () => {
  const body = podWith({ contaners: [], containers: [{ name: 'a' }, { name: 'b', imag: 'x', image: 'i' }] });
  const { object, problems } = decodeObject(pod, { ...body, extra: 1 });
  expect(problems).toEqual([
    'unknown field "spec.contaners"',
    'unknown field "spec.containers[1].imag"',
    'unknown field "extra"',
  ]);
  expect(object).toEqual(podWith({ containers: [{ name: 'a' }, { name: 'b', image: 'i' }] }));
});

test('field names that every object has are unknown like others', () => {
  const body: unknown = JSON.parse('{"spec":{"constructor":1,"toString":2,"__proto__":{"hostname":"x"}}}');
  const { object, problems } = decodeObject(pod, body);
  expect(problems).toEqual([
    'unknown field "spec.constructor"',
    'unknown field "spec.toString"',
    'unknown field "spec.__proto__"',
  ]);
  expect(object.spec).toEqual({});
  expect(object.spec.hostname).toBeUndefined();
});

test('what Strict refuses reads as in Kubernetes', () => {
  const error = strictDecodingError(pod, ['unknown field "spec.contaners"', 'duplicate field "spec.nodeName"']);
  expect(error.code).toBe(400);
  expect(error.message).toBe(
    'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.contaners", ' +
      'duplicate field "spec.nodeName"',
  );
});

test.each<[string, Kind, unknown, string, string]>([
  [
    'a text for a number',
    deployment,
    { spec: { replicas: 'three' } },
    'spec.replicas',
    'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
  ],
  [
    'a number for a text',
    pod,
    containerWith({ env: [{ name: 'A', value: 5 }] }),
    'spec.containers[0].env[0].value',
    'json: cannot unmarshal number into Go struct field EnvVar.spec.containers[0].env[0].value of type string',
  ],
  [
    'an object for a list',
    pod,
    podWith({ containers: { name: 'web' } }),
    'spec.containers',
    'json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container',
  ],
  [
    'a text for an object',
    pod,
    { spec: 'web' },
    'spec',
    'json: cannot unmarshal string into Go struct field Pod.spec of type v1.PodSpec',
  ],
  [
    'a list for a map',
    pod,
    podWith({}, { labels: ['a'] }),
    'metadata.labels',
    'json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string',
  ],
  [
    'a number for a label',
    pod,
    podWith({}, { labels: { a: 1 } }),
    'metadata.labels[a]',
    'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels[a] of type string',
  ],
  [
    'a text for a flag',
    pod,
    podWith({ hostNetwork: 'yes' }),
    'spec.hostNetwork',
    'json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool',
  ],
  [
    'a fraction for a whole number',
    deployment,
    { spec: { replicas: 1.5 } },
    'spec.replicas',
    'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
  ],
  [
    'a number beyond 32 bits',
    deployment,
    { spec: { replicas: 3_000_000_000 } },
    'spec.replicas',
    'json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32',
  ],
  [
    'a bad quantity',
    pod,
    containerWith({ resources: { limits: { cpu: '2 cores' } } }),
    'spec.containers[0].resources.limits[cpu]',
    "spec.containers[0].resources.limits[cpu]: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$', e.g. " +
      '"2", "500m" or "1.5Gi", got "2 cores"',
  ],
  [
    'a bad time',
    pod,
    podWith({}, { creationTimestamp: 'yesterday' }),
    'metadata.creationTimestamp',
    'metadata.creationTimestamp: parsing time "yesterday": must be RFC 3339, e.g. "2006-01-02T15:04:05Z"',
  ],
  ['bad base64', secret, { data: { a: 'not base64!' } }, 'data[a]', 'data[a]: illegal base64 data at input byte 3'],
  ['unpadded base64', secret, { data: { a: 'YQ' } }, 'data[a]', 'data[a]: illegal base64 data at input byte 2'],
])('%s is refused with its path', (_title, kind, body, path, message) => {
  const error = refusal(() => decodeObject(kind, body));
  expect(error.code).toBe(400);
  expect(error.message).toBe(`${kind.kind} in version "v1" cannot be handled as a ${kind.kind}: ${message}`);
  expect(error.status.details?.causes).toEqual([{ reason: 'FieldValueTypeInvalid', message, field: path }]);
});

test('all wrong values are told at once', () => {
  const error = refusal(() => decodeObject(deployment, { spec: { replicas: 'x', paused: 'y' } }));
  expect(error.status.details?.causes?.map(({ field }) => field)).toEqual(['spec.replicas', 'spec.paused']);
});

test.each<[string, unknown, string]>([
  ['a list', [], 'json: cannot unmarshal array into Go value of type v1.Pod'],
  ['a text', 'pod', 'json: cannot unmarshal string into Go value of type v1.Pod'],
  ['nothing', null, 'json: cannot unmarshal null into Go value of type v1.Pod'],
  ['another kind', { kind: 'Node', apiVersion: 'v1' }, 'Node in version "v1" cannot be handled as a Pod'],
  [
    'another version',
    { kind: 'Pod', apiVersion: 'v2' },
    'the API version in the data (v2) does not match the expected API version (v1)',
  ],
])('%s is no Pod', (_title, body, message) => {
  expect(refusal(() => decodeObject(pod, body)).message).toContain(message);
});

test('null means absence; inside lists and maps it is the empty value', () => {
  const body = podWith({ hostname: null, containers: [{ name: 'web', args: [null, 'a'] }] }, { labels: { a: null } });
  const { object } = decodeObject(pod, body);
  expect(object).toEqual(podWith({ containers: [{ name: 'web', args: ['', 'a'] }] }, { labels: { a: '' } }));
});

test('values that mean absence are dropped, so that equal objects have equal bytes', () => {
  const body = podWith({
    hostNetwork: false,
    hostname: '',
    tolerations: [],
    nodeSelector: {},
    containers: [{ name: 'web', stdin: false, ports: [{ containerPort: 80, hostPort: 0 }] }],
  });
  expect(decodeObject(pod, body).object).toEqual(
    podWith({ containers: [{ name: 'web', ports: [{ containerPort: 80 }] }] }),
  );
});

test('zero and false stay where they differ from absence', () => {
  const scaled = decodeObject(deployment, { spec: { replicas: 0, revisionHistoryLimit: 0 } });
  expect(scaled.object.spec).toEqual({ replicas: 0, revisionHistoryLimit: 0 });
  const quiet = decodeObject(pod, podWith({ terminationGracePeriodSeconds: 0, enableServiceLinks: false }));
  expect(quiet.object.spec).toEqual({ terminationGracePeriodSeconds: 0, enableServiceLinks: false });
});

test('quantities and times are kept in their canonical text; numbers are quantities too', () => {
  const { object } = decodeObject(
    pod,
    podWith(
      {
        containers: [
          { name: 'web', resources: { limits: { cpu: 0.5, memory: '1024Mi' }, requests: { cpu: '1000m' } } },
        ],
      },
      { creationTimestamp: '2024-01-01T02:00:00.5+02:00' },
    ),
  );
  expect(object.spec.containers[0]?.resources).toEqual({
    limits: { cpu: '500m', memory: '1Gi' },
    requests: { cpu: '1' },
  });
  expect(object.metadata.creationTimestamp).toBe('2024-01-01T00:00:00Z');
});

test('a port may be a number or a name', () => {
  const ports = [
    { port: 80, targetPort: 'http' },
    { port: 81, targetPort: 8081 },
  ];
  expect(decodeObject(service, { spec: { ports } }).object.spec.ports).toEqual(ports);
});

test('a data key that would change the prototype is refused', () => {
  const body: unknown = JSON.parse('{"data":{"__proto__":"x"}}');
  expect(refusal(() => decodeObject(configMap, body)).message).toContain('the key "__proto__" is not accepted');
});

test('decoding does not change its input and gives a fresh object', () => {
  const body = Object.freeze(podWith(Object.freeze({ containers: Object.freeze([{ name: 'web', args: ['a'] }]) })));
  const { object } = decodeObject(pod, body);
  object.spec.containers[0]?.args?.push('b');
  expect(body).toEqual(podWith({ containers: [{ name: 'web', args: ['a'] }] }));
});

test('whatever JSON comes, decoding answers an object or a refusal', () => {
  const field = fc.constantFrom(
    'spec',
    'metadata',
    'containers',
    'labels',
    'env',
    'ports',
    'name',
    'resources',
    'limits',
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, fc.jsonValue(), fc.dictionary(field, tie('value')), fc.array(tie('value'))),
  }));
  fc.assert(
    fc.property(value, (body) => {
      try {
        expect(decodeObject(pod, body).object.kind).toBe('Pod');
      } catch (error) {
        expect(error).toMatchObject({ reason: 'BadRequest' });
      }
    }),
  );
});

test.each([
  ['{"a":1,"b":2}', []],
  ['{"a":1,"a":2}', ['a']],
  ['{"spec":{"x":1,"x":2,"x":3}}', ['spec.x', 'spec.x']],
  ['{"spec":{"containers":[{"name":"a"},{"name":"b","image":"x","image":"y"}]}}', ['spec.containers[1].image']],
  ['{"a":{"x":1},"b":{"x":1}}', []],
  ['[{"a":1},{"a":1,"a":1}]', ['[1].a']],
  ['{"a":"{\\"a\\":1,\\"a\\":2}","b":"\\\\"}', []],
  ['{"a\\u0062":1,"ab":2}', ['ab']],
  ['{"a":[1,{"b":[],"b":[]},2]}', ['a[1].b']],
  ['{"a" : "x" , "b" : { } , "a" : 1}', ['a']],
  ['"text"', []],
])('the text %s has these keys twice: %j', (text, paths) => {
  expect(duplicateFields(text)).toEqual(paths);
});

test('no key stands twice in what JSON.stringify makes', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(duplicateFields(JSON.stringify(JSON.parse(text)))).toEqual([]);
    }),
  );
});

function refusal(attempt: () => unknown): ApiError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('the attempt was not refused');
}

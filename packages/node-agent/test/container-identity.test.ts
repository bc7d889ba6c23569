import { expect, test } from 'vitest';
import { containerName, identityLabels, label, parseIdentity } from '../src/pod/container-identity.ts';

const scope = { clusterId: 'c', nodeName: 'n' };
const sandbox = {
  role: 'sandbox',
  uid: 'u',
  namespace: 'ns',
  pod: 'p',
  attempt: 2,
  podIp: '10.0.0.5',
  hostPorts: 'tcp:80:8080:',
} as const;
const member = {
  role: 'init',
  uid: 'u',
  namespace: 'ns',
  pod: 'p',
  attempt: 1,
  container: 'setup',
  sandboxId: 's',
  hash: 'h',
  backoffSeconds: 20,
} as const;

test.each([sandbox, member])('labels say everything there is to know of a $role', (identity) => {
  expect(parseIdentity(identityLabels(scope, identity))).toEqual(identity);
});

test('names differ between pods, containers and attempts, so that the engine refuses a second one', () => {
  const names = [sandbox, { ...sandbox, attempt: 3 }, member, { ...member, uid: 'v' }].map(containerName);
  expect(new Set(names).size).toBe(names.length);
});

test.each([
  { what: 'without a uid', drop: label.uid },
  { what: 'without an attempt', drop: label.attempt },
  { what: 'without a role', drop: label.role },
])('a container $what is none of ours', ({ drop }) => {
  const { [drop]: _, ...labels } = identityLabels(scope, member);
  expect(parseIdentity(labels)).toBeUndefined();
});

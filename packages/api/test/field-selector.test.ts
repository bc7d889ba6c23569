import {
  type Event,
  event,
  type FieldRequirements,
  fieldReader,
  matchesFields,
  type Pod,
  parseFieldQuery,
  pod,
  SelectorError,
  unselectableFields,
} from '@berth/api';
import { expect, test } from 'vitest';

const webPod: Pod = {
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name: 'web-1', namespace: 'default' },
  spec: { containers: [], nodeName: 'n1', restartPolicy: 'Always' },
  status: { phase: 'Running' },
};

test.each([
  ['metadata.name=web-1', true],
  ['metadata.namespace==default', true],
  ['status.phase!=Running', false],
  ['spec.nodeName=n1,status.phase!=Failed,status.phase!=Succeeded', true],
  ['spec.nodeName=', false],
  ['status.podIP=', true],
  ['spec.hostNetwork=false', true],
  ['', true],
])('the field query "%s" against a running pod on n1: %s', (query, matches) => {
  const terms = parseFieldQuery(query);
  expect(unselectableFields(pod, terms)).toEqual([]);
  expect(matchesFields(terms, fieldReader(pod, webPod))).toBe(matches);
});

test('an event about a cluster-scoped object has an empty namespace', () => {
  const about: Event = {
    kind: 'Event',
    apiVersion: 'v1',
    metadata: { name: 'n1.1', namespace: 'default' },
    involvedObject: { kind: 'Node', name: 'n1', uid: 'n1' },
  };
  const terms = parseFieldQuery('involvedObject.namespace=,involvedObject.kind=Node,involvedObject.uid=n1');
  expect(matchesFields(terms, fieldReader(event, about))).toBe(true);
});

test('fields that cannot be selected by are named', () => {
  const terms = parseFieldQuery('spec.foo=1,metadata.name=x,constructor=y');
  expect(unselectableFields(pod, terms)).toEqual(['spec.foo', 'constructor']);
});

test('commas, equal signs and backslashes in values are escaped', () => {
  const [term] = parseFieldQuery('reason=a\\,b\\=c\\\\d') as [FieldRequirements[number]];
  expect(term.value).toBe('a,b=c\\d');
});

test.each(['justafield', 'a=b=c', 'a=b\\', 'a=\\x', '=b'])('the field query "%s" is refused', (query) => {
  expect(() => parseFieldQuery(query)).toThrow(SelectorError);
});

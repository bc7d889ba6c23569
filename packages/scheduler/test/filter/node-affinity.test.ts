import { expect, test } from 'vitest';
import { node, pod } from '../objects.ts';
import { verdict } from '../verdict.ts';

const nodes = [node('n1', { labels: { disk: 'hdd', size: '3' } }), node('n2', { labels: { disk: 'ssd', size: '12' } })];
const refused = "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.";
const required = (...nodeSelectorTerms: object[]): object => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
});
const expression = (key: string, operator: string, ...values: string[]): object => ({
  matchExpressions: [{ key, operator, ...(values.length === 0 ? {} : { values }) }],
});

test.each([
  { title: 'nodeSelector', spec: { nodeSelector: { disk: 'ssd' } }, says: 'n2' },
  { title: 'nodeSelector no node meets', spec: { nodeSelector: { disk: 'tape' } }, says: refused },
  { title: 'In', spec: required(expression('disk', 'In', 'tape', 'ssd')), says: 'n2' },
  { title: 'NotIn', spec: required(expression('disk', 'NotIn', 'hdd')), says: 'n2' },
  { title: 'NotIn of a label that is absent', spec: required(expression('none', 'NotIn', 'x')), says: 'n1' },
  { title: 'Exists', spec: required(expression('none', 'Exists')), says: refused },
  { title: 'DoesNotExist', spec: required(expression('disk', 'DoesNotExist')), says: refused },
  { title: 'Gt compares numbers', spec: required(expression('size', 'Gt', '4')), says: 'n2' },
  { title: 'Lt compares numbers', spec: required(expression('size', 'Lt', '12')), says: 'n1' },
  {
    title: 'terms are alternatives',
    spec: required(expression('none', 'Exists'), expression('disk', 'In', 'ssd')),
    says: 'n2',
  },
  { title: 'an empty term selects nothing', spec: required({}), says: refused },
  {
    title: 'a label named like an inherited property',
    spec: required(expression('constructor', 'Exists')),
    says: refused,
  },
  {
    title: 'nodeSelector and affinity must both hold',
    spec: { nodeSelector: { disk: 'hdd' }, ...required(expression('size', 'Gt', '4')) },
    says: refused,
  },
])('$title', ({ spec, says }) => {
  expect(verdict(nodes, [], pod('p', { spec }))).toBe(says);
});

test('a pod that names its node goes there or nowhere', () => {
  const pinned = required({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n2'] }] });
  const full = pod('full', { cpu: '4', node: 'n2' });
  expect(verdict(nodes, [], pod('p', { spec: pinned }))).toBe('n2');
  expect(verdict(nodes, [full], pod('p', { spec: pinned }))).toBe(
    "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match Pod's node affinity/selector.",
  );
});

import { faultText, type Pod, pod, validateStatusUpdate, withStatus } from '@berth/api';
import { expect, test } from 'vitest';
import { madeObject, updated } from './made-object.ts';

const container = { name: 'web', image: 'nginx:1' };
const body = {
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    containers: [container],
    nodeName: 'n1',
    activeDeadlineSeconds: 60,
    tolerations: [{ key: 'a', operator: 'Exists' }],
  },
};
const stored: Pod = {
  ...madeObject(pod, body),
  metadata: {
    ...body.metadata,
    uid: 'u',
    creationTimestamp: '2024-01-01T00:00:00Z',
    generation: 1,
    resourceVersion: '5',
  },
  status: { phase: 'Running', qosClass: 'BestEffort', podIP: '10.244.0.5' },
};
const update = (spec: object, metadata: object = {}) =>
  updated(pod, stored, { ...body, metadata: { ...body.metadata, ...metadata }, spec: { ...body.spec, ...spec } });

test('what the server said stays, whether the update brings it or not', () => {
  const { object, faults } = update({});
  expect(faults).toEqual([]);
  expect(object.metadata).toMatchObject({ uid: 'u', creationTimestamp: '2024-01-01T00:00:00Z', generation: 1 });
  expect(object.status).toEqual(stored.status);
});

test('a new image is allowed and raises the generation', () => {
  const { object, faults } = update({ containers: [{ ...container, image: 'nginx:2' }] });
  expect(faults).toEqual([]);
  expect(object.metadata.generation).toBe(2);
});

test('labels may change without a new generation', () => {
  const { object, faults } = update({}, { labels: { a: 'b' } });
  expect(faults).toEqual([]);
  expect(object.metadata.generation).toBe(1);
});

test.each<[string, object]>([
  [
    'a toleration more',
    {
      tolerations: [
        { key: 'a', operator: 'Exists' },
        { key: 'b', operator: 'Exists' },
      ],
    },
  ],
  ['an earlier deadline', { activeDeadlineSeconds: 30 }],
])('%s is allowed', (_title, spec) => {
  expect(update(spec).faults).toEqual([]);
});

test.each<[string, object, string]>([
  [
    'another node',
    { nodeName: 'n2' },
    'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`',
  ],
  ['another command', { containers: [{ ...container, command: ['x'] }] }, 'changed: spec.containers'],
  ['a container more', { containers: [container, { name: 'b', image: 'b' }] }, 'changed: spec.containers'],
  [
    'a toleration less',
    { tolerations: [] },
    'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
  ],
  [
    'a later deadline',
    { activeDeadlineSeconds: 90 },
    'spec.activeDeadlineSeconds: Invalid value: 90: must be less than or equal to previous value (60)',
  ],
  [
    'no deadline',
    { activeDeadlineSeconds: null },
    'spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value',
  ],
  [
    'a gate',
    { nodeName: undefined, schedulingGates: [{ name: 'g' }] },
    "spec.schedulingGates: Forbidden: only deletion is allowed, but found new scheduling gate 'g'",
  ],
])('%s is refused', (_title, spec, fault) => {
  expect(update(spec).faults.join('\n')).toContain(fault);
});

test.each<[string, object, string]>([
  ['name', { name: 'other' }, 'metadata.name: Invalid value: "other": field is immutable'],
  ['uid', { uid: 'other' }, 'metadata.uid: Invalid value: "other": field is immutable'],
  ['time of creation', { creationTimestamp: '2025-01-01T00:00:00Z' }, 'metadata.creationTimestamp: Invalid value'],
  ['deletion', { deletionTimestamp: '2025-01-01T00:00:00Z' }, 'metadata.deletionTimestamp: Invalid value'],
])('the %s of an object cannot be changed', (_title, metadata, fault) => {
  expect(update({}, metadata).faults[0]).toContain(fault);
});

test('an object that is going takes no new finalizers, but loses old ones', () => {
  const going = {
    ...stored,
    metadata: { ...stored.metadata, finalizers: ['a/x'], deletionTimestamp: '2025-01-01T00:00:00Z' },
  };
  const more = updated(pod, going, { ...body, metadata: { ...body.metadata, finalizers: ['a/x', 'b/y'] } });
  expect(more.faults).toEqual([
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ["b/y"]',
  ]);
  expect(updated(pod, going, body).faults).toEqual([]);
});

test('a write to the status takes the status and nothing else', () => {
  const next: Pod = {
    ...stored,
    metadata: { ...stored.metadata, labels: { a: 'b' } },
    spec: { containers: [] },
    status: { phase: 'Failed', qosClass: 'BestEffort' },
  };
  const kept = withStatus(stored, next, { labelsAndAnnotations: 'kept' });
  expect(kept).toEqual({ ...stored, status: next.status });
  const taken = withStatus(stored, next, { labelsAndAnnotations: 'taken' });
  expect(taken).toEqual({ ...stored, metadata: { ...stored.metadata, labels: { a: 'b' } }, status: next.status });
  expect(validateStatusUpdate(pod, kept as Pod, stored)).toEqual([]);
});

test('the status is checked too', () => {
  const next: Pod = { ...stored, status: { phase: 'Sleeping', qosClass: 'Guaranteed' } };
  expect(validateStatusUpdate(pod, next, stored).map(faultText)).toEqual([
    'status.phase: Unsupported value: "Sleeping": supported values: "Failed", "Pending", "Running", "Succeeded", "Unknown"',
    'status.qosClass: Invalid value: "Guaranteed": field is immutable',
  ]);
});

import { kinds, type OpenApiDocument, openApiDocument } from '@berth/api';
import { expect, test } from 'vitest';

const documents = [...Map.groupBy(kinds, ({ apiVersion }) => apiVersion)].map(([apiVersion, members]) => ({
  apiVersion,
  // As clients see it: after a journey as JSON.
  document: JSON.parse(JSON.stringify(openApiDocument(members))) as OpenApiDocument,
}));
const core = documents.find(({ apiVersion }) => apiVersion === 'v1')?.document as OpenApiDocument;
const apps = documents.find(({ apiVersion }) => apiVersion === 'apps/v1')?.document as OpenApiDocument;

test('every reference of a document leads somewhere in it', () => {
  for (const { document } of documents) {
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      expect(document.components.schemas).toHaveProperty([name ?? '']);
    }
  }
});

test('kubectl finds the query parameter fieldValidation on the PATCH of every kind', () => {
  for (const { document } of documents) {
    for (const kind of kinds.filter(
      ({ apiVersion }) => document === documents.find((entry) => entry.apiVersion === apiVersion)?.document,
    )) {
      const root = kind.group === '' ? '/api/v1' : `/apis/${kind.apiVersion}`;
      const place = kind.namespaced ? '/namespaces/{namespace}' : '';
      const item = document.paths[`${root}${place}/${kind.plural}/{name}`] as { patch: Record<string, unknown> };
      expect(item.patch).toMatchObject({
        'x-kubernetes-action': 'patch',
        'x-kubernetes-group-version-kind': { group: kind.group, version: kind.version, kind: kind.kind },
        parameters: expect.arrayContaining([expect.objectContaining({ name: 'fieldValidation', in: 'query' })]),
      });
    }
  }
});

test('schemas carry what patches and explain need', () => {
  expect(core.components.schemas['io.k8s.api.core.v1.Container']).toMatchObject({
    type: 'object',
    required: ['name'],
    properties: {
      env: {
        type: 'array',
        'x-kubernetes-patch-merge-key': 'name',
        'x-kubernetes-patch-strategy': 'merge',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      },
      imagePullPolicy: { type: 'string', enum: ['Always', 'IfNotPresent', 'Never'] },
      resources: { default: {}, allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.ResourceRequirements' }] },
    },
  });
  expect(core.components.schemas['io.k8s.api.core.v1.Pod']).toMatchObject({
    'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'Pod' }],
  });
  expect(
    core.components.schemas['io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector'] ??
      apps.components.schemas['io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector'],
  ).toMatchObject({
    'x-kubernetes-map-type': 'atomic',
  });
  expect(apps.components.schemas['io.k8s.api.apps.v1.DeploymentSpec']).toMatchObject({
    required: ['selector', 'template'],
    properties: {
      strategy: { 'x-kubernetes-patch-strategy': 'retainKeys' },
      replicas: { type: 'integer', format: 'int32', default: 1 },
    },
  });
});

test('sub-resources have paths of their own, with the kind of their bodies', () => {
  expect(apps.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale']).toMatchObject({
    put: { 'x-kubernetes-group-version-kind': { group: 'autoscaling', version: 'v1', kind: 'Scale' } },
  });
  expect(core.paths['/api/v1/namespaces/{namespace}/pods/{name}/eviction']).toMatchObject({
    post: { 'x-kubernetes-group-version-kind': { group: 'policy', version: 'v1', kind: 'Eviction' } },
  });
  expect(core.paths['/api/v1/nodes/{name}/status']).toHaveProperty('patch');
  expect(core.paths['/api/v1/pods']).toHaveProperty('get');
});

import { expect, test } from 'vitest';
import { requestTarget } from '../../src/http/request-target.ts';
import { parseResourcePath } from '../../src/http/resource-path.ts';

test.each([
  ['/api/v1/pods', { group: '', version: 'v1', plural: 'pods' }],
  ['/api/v1/nodes/n1', { group: '', version: 'v1', plural: 'nodes', name: 'n1' }],
  ['/api/v1/nodes/n1/status', { group: '', version: 'v1', plural: 'nodes', name: 'n1', subresource: 'status' }],
  ['/api/v1/namespaces', { group: '', version: 'v1', plural: 'namespaces' }],
  ['/api/v1/namespaces/default', { group: '', version: 'v1', plural: 'namespaces', name: 'default' }],
  [
    '/api/v1/namespaces/default/finalize',
    { group: '', version: 'v1', plural: 'namespaces', name: 'default', subresource: 'finalize' },
  ],
  ['/api/v1/namespaces/default/pods', { group: '', version: 'v1', plural: 'pods', namespace: 'default' }],
  ['/api/v1/namespaces/default/pods/', { group: '', version: 'v1', plural: 'pods', namespace: 'default' }],
  [
    '/api/v1/namespaces/default/pods/web/log',
    { group: '', version: 'v1', plural: 'pods', namespace: 'default', name: 'web', subresource: 'log' },
  ],
  [
    '/apis/apps/v1/namespaces/x/deployments/web',
    { group: 'apps', version: 'v1', plural: 'deployments', namespace: 'x', name: 'web' },
  ],
  ['/apis/apps/v1/deployments', { group: 'apps', version: 'v1', plural: 'deployments' }],
  [
    '/api/v1/namespaces/default/pods/a%2Fb',
    { group: '', version: 'v1', plural: 'pods', namespace: 'default', name: 'a/b' },
  ],
])('%s', (path, wanted) => {
  expect(parseResourcePath(path)).toEqual(wanted);
});

test.each([
  '/',
  '/api',
  '/api/v1',
  '/apis/apps/v1',
  '/metrics',
  '/api/v1//pods',
  '/api/v1/namespaces/a/pods/b/c/d',
  '/api/v1/pods/%zz',
])('%s names no resource', (path) => {
  expect(parseResourcePath(path)).toBeUndefined();
});

test.each([
  ['GET', '/api/v1/pods', {}, 'list', 'readOnly'],
  ['GET', '/api/v1/pods', { watch: 'true' }, 'watch', 'longRunning'],
  ['GET', '/api/v1/pods', { watch: '0' }, 'list', 'readOnly'],
  ['GET', '/api/v1/namespaces/a/pods/b', { watch: 'true' }, 'get', 'readOnly'],
  ['GET', '/api/v1/namespaces/a/pods/b/log', {}, 'get', 'longRunning'],
  ['POST', '/api/v1/namespaces/a/pods', {}, 'create', 'mutating'],
  ['POST', '/api/v1/namespaces/a/pods/b/binding', {}, 'create', 'mutating'],
  ['PUT', '/api/v1/namespaces/a/pods/b', {}, 'update', 'mutating'],
  ['PATCH', '/api/v1/namespaces/a/pods/b/status', {}, 'patch', 'mutating'],
  ['DELETE', '/api/v1/namespaces/a/pods/b', {}, 'delete', 'mutating'],
  ['DELETE', '/api/v1/namespaces/a/pods', {}, 'deletecollection', 'mutating'],
  ['POST', '/berth/v1/tokens', {}, 'post', 'mutating'],
] as const)('%s %s %o is the verb %s', (method, path, query, verb, kind) => {
  const target = requestTarget(method, path, query, () => true);
  expect([target.attributes.verb, target.kind]).toEqual([verb, kind]);
});

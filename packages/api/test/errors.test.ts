import * as api from '@berth/api';
import { type ApiError, type StatusReason, statusReasons } from '@berth/api';
import { expect, test } from 'vitest';

const pods = { group: '', resource: 'pods' };
const deployments = { group: 'apps', resource: 'deployments' };

test.each<[ApiError, number, StatusReason, string]>([
  [api.notFound(pods, 'x'), 404, 'NotFound', 'pods "x" not found'],
  [api.routeNotFound(), 404, 'NotFound', 'the server could not find the requested resource'],
  [api.alreadyExists(deployments, 'x'), 409, 'AlreadyExists', 'deployments.apps "x" already exists'],
  [
    api.generateNameConflict(pods, 'x-1'),
    409,
    'AlreadyExists',
    'pods "x-1" already exists, the server was not able to generate a unique name for the object',
  ],
  [
    api.objectModified(deployments, 'x'),
    409,
    'Conflict',
    'Operation cannot be fulfilled on deployments.apps "x": the object has been modified; please apply your changes to the latest version and try again',
  ],
  [
    api.preconditionFailed(pods, 'x', 'UID', 'a', 'b'),
    409,
    'Conflict',
    'Operation cannot be fulfilled on pods "x": Precondition failed: UID in precondition: a, UID in object meta: b',
  ],
  [api.badRequest('what?'), 400, 'BadRequest', 'what?'],
  [api.unauthorized(), 401, 'Unauthorized', 'Unauthorized'],
  [api.forbidden(pods, 'x', 'no room'), 403, 'Forbidden', 'pods "x" is forbidden: no room'],
  [
    api.accessDenied({ user: 'u', verb: 'list', resource: deployments, namespace: 'default' }),
    403,
    'Forbidden',
    'deployments.apps is forbidden: User "u" cannot list resource "deployments" in API group "apps" in the namespace "default"',
  ],
  [
    api.accessDenied({ user: 'u', verb: 'get', resource: pods, subresource: 'log', name: 'x' }),
    403,
    'Forbidden',
    'pods "x" is forbidden: User "u" cannot get resource "pods/log" in API group "" at the cluster scope',
  ],
  [api.pathDenied('u', 'get', '/metrics'), 403, 'Forbidden', 'forbidden: User "u" cannot get path "/metrics"'],
  [
    api.methodNotAllowed(pods, 'update'),
    405,
    'MethodNotAllowed',
    'update is not supported on resources of kind "pods"',
  ],
  [api.verbNotAllowed(), 405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  [
    api.notAcceptable(['application/json']),
    406,
    'NotAcceptable',
    'only the following media types are accepted: application/json',
  ],
  [
    api.unsupportedMediaType(['application/json', 'application/yaml']),
    415,
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml',
  ],
  [api.requestEntityTooLarge(3_145_728), 413, 'RequestEntityTooLarge', 'Request entity too large: limit is 3145728'],
  [api.gone('it went'), 410, 'Gone', 'it went'],
  [api.resourceVersionTooOld('5', '10'), 410, 'Expired', 'too old resource version: 5 (10)'],
  [api.resourceVersionTooLarge('10', '5'), 504, 'Timeout', 'Too large resource version: 10, current: 5'],
  [api.tooManyRequests('slow down', 1), 429, 'TooManyRequests', 'slow down'],
  [
    api.disruptionBudgetExceeded('needs 2'),
    429,
    'TooManyRequests',
    "Cannot evict pod as it would violate the pod's disruption budget.",
  ],
  [api.internalError('boom'), 500, 'InternalError', 'Internal error occurred: boom'],
  [api.notImplemented('pods/exec'), 501, 'NotImplemented', 'pods/exec is not served by Berth yet'],
  [api.serviceUnavailable('no quorum'), 503, 'ServiceUnavailable', 'no quorum'],
  [api.timedOut('no answer', 'unknown'), 504, 'Timeout', 'Timeout: no answer'],
])('%s', (error, code, reason, message) => {
  expect(error.status).toMatchObject({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    code,
    reason,
    message,
  });
  expect(error.message).toBe(message);
  expect(error.code).toBe(code);
});

test('details name the object by its plural, as kubectl wants them', () => {
  expect(api.notFound(deployments, 'web').status.details).toEqual({ name: 'web', group: 'apps', kind: 'deployments' });
  expect(api.notFound(pods, 'web').status.details).toEqual({ name: 'web', kind: 'pods' });
});

test('an invalid object lists every fault as a cause', () => {
  const faults = new api.FaultList();
  faults.enter('spec');
  faults.required('selector');
  faults.within('ports', () =>
    faults.within(0, () => faults.invalid('port', 0, 'must be between 1 and 65535, inclusive')),
  );
  faults.leave();
  const error = api.invalid({ group: 'apps', kind: 'Deployment' }, 'web', faults.faults);
  expect(error.message).toBe(
    'Deployment.apps "web" is invalid: [spec.selector: Required value, spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive]',
  );
  expect(error.status.details).toEqual({
    name: 'web',
    group: 'apps',
    kind: 'Deployment',
    causes: [
      { reason: 'FieldValueRequired', message: 'Required value', field: 'spec.selector' },
      {
        reason: 'FieldValueInvalid',
        message: 'Invalid value: 0: must be between 1 and 65535, inclusive',
        field: 'spec.ports[0].port',
      },
    ],
  });
});

test('one fault stands without brackets, and hundreds are counted', () => {
  const one = new api.FaultList();
  one.duplicate('a', 'x');
  expect(api.invalid({ group: '', kind: 'Pod' }, 'web', one.faults).message).toBe(
    'Pod "web" is invalid: a: Duplicate value: "x"',
  );
  const many = new api.FaultList();
  for (let index = 0; index < 150; index += 1) many.required(`f${index}`);
  const error = api.invalid({ group: '', kind: 'Pod' }, 'web', many.faults);
  expect(error.message).toContain('f99: Required value, and 50 more]');
  expect(error.status.details?.causes).toHaveLength(100);
});

test('a continue token that is too old comes back as one that works', () => {
  const { status } = api.continueExpired('next');
  expect(status).toMatchObject({ code: 410, reason: 'Expired', metadata: { continue: 'next' } });
});

test('what went wrong inside stays inside', () => {
  const cause = new Error('disk');
  const error = api.internalError('boom', cause);
  expect(error.cause).toBe(cause);
  expect(JSON.stringify(error.status)).not.toContain('disk');
});

test('the outcome of a timeout says whether something was done', () => {
  expect(api.timedOut('x', 'unknown').status.details?.causes?.[0]?.message).toBe(
    'the write may or may not have been applied',
  );
  expect(api.timedOut('x', 'not-applied').status.details?.causes?.[0]?.message).toBe('nothing was applied');
});

test('every reason has a code of the 4xx or 5xx range and a meaning', () => {
  for (const { httpCode, meaning } of Object.values(statusReasons)) {
    expect(httpCode).toBeGreaterThanOrEqual(400);
    expect(httpCode).toBeLessThan(600);
    expect(meaning).not.toBe('');
  }
});
